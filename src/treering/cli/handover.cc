// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/handover.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "treering/base/error.h"
#include "treering/base/quote.h"
#include "treering/cli/json.h"
#include "treering/cli/text.h"
#include "treering/mongo/embedded_server.h"

namespace treering {
namespace {

namespace fs = std::filesystem;

std::string program_folder() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? std::string() : self.parent_path().string();
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool is_file(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

Error without_treering(const std::string& interpreter) {
  return Error(Kind::config, fmt::format("the project's Python, {}, has no treering package", interpreter),
               fmt::format("install it with: {} -m pip install treering  (or name another interpreter: python = "
                           "\"...\" in the configuration)",
                           interpreter))
      .with("python", interpreter);
}

}  // namespace

std::string choose_interpreter(const InterpreterSearch& search) {
  if (!search.configured.empty()) {
    const bool is_path = search.configured.find('/') != std::string::npos;
    return is_path ? (fs::path(search.root) / search.configured).lexically_normal().string() : search.configured;
  }
  std::vector<std::string> candidates;
  const fs::path beside = search.program_folder;
  if (!beside.empty() && search.is_file((beside.parent_path() / "pyvenv.cfg").string())) {
    candidates.push_back((beside / "python3").string());
    candidates.push_back((beside / "python").string());
  }
  if (!search.virtual_env.empty()) candidates.push_back((fs::path(search.virtual_env) / "bin" / "python").string());
  for (const std::string& candidate : candidates)
    if (search.is_file(candidate)) return candidate;
  return "python3";
}

std::string bootstrap_source(const std::string& interpreter, ErrorForm form, const std::vector<std::string>& way_back) {
  std::string words;
  for (const std::string& word : way_back) words += python_quoted(word) + ", ";
  const bool json = form == ErrorForm::json;
  const Error error = without_treering(interpreter);
  const std::string text =
      json ? with_error(Json::object(), error).dump(2) : fmt::format("error: {}\n  {}", error.what(), error.hint());
  return fmt::format(
      "import sys\n"
      // `-c` looks for modules in the working directory first, and a project may have a calendar.py. Its own code is
      // run with its root on the path.
      "if sys.path[:1] == ['']:\n"
      "    del sys.path[0]\n"
      "sys.argv[0] = 'treering'\n"
      "try:\n"
      "    from treering.__main__ import main\n"
      "except ModuleNotFoundError as error:\n"
      "    if error.name not in ('treering', 'treering.__main__'):\n"
      "        raise\n"
      "    try:\n"
      "        print({}, file=sys.{}, flush=True)\n"
      "    except OSError:\n"
      "        sys.stdout = sys.stderr = None\n"  // nobody reads it; nor is it written once more at the end
      "    import os, subprocess\n"
      "    share = os.environ.pop('{}', None)\n"
      "    if share:\n"
      "        os.close(int(share))\n"
      "        subprocess.run([{}], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
      "    sys.exit({})\n"
      "sys.exit(main())\n",
      python_quoted(text), json ? "stdout" : "stderr", kEmbeddedShareVariable, words, error.exit_code());
}

void hand_over(Session& session, OpenProject& project) {
  const ErrorForm form = session.options.json ? ErrorForm::json : ErrorForm::text;
  const Config& config = project.config();
  const std::string python =
      choose_interpreter({config.python, config.root, program_folder(), environment("VIRTUAL_ENV"), is_file});
  const std::vector<std::string> way_back{
      (fs::path(program_folder()) / "treering").string(), "--config", config.file, "--url", "embedded:", "wait"};
  std::vector<std::string> words{python, "-c", bootstrap_source(python, form, way_back)};
  words.insert(words.end(), session.arguments.begin(), session.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::fflush(stdout);
  std::fflush(stderr);
  ::setenv(kNotesToldVariable, joined(session.output.notes(), "\n").c_str(), 1);
  project.keep_server_across_exec();
  ::execvp(argv[0], argv.data());
  throw Error(Kind::config, fmt::format("the project's Python, {}, can't be started: {}", python, std::strerror(errno)),
              "name the interpreter in the configuration: python = \".venv/bin/python\"")
      .with("python", python);
}

}  // namespace treering
