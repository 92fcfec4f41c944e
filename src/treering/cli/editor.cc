// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/editor.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "treering/base/error.h"

namespace treering {
namespace {

bool is_on_path(std::string_view program) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::string candidate = fmt::format("{}/{}", rest.substr(0, end), program);
    if (::access(candidate.c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

struct Editor {
  std::string program;
  const char* variable;  // that names it, or would name another
};

Editor editor() {
  for (const char* name : {"VISUAL", "EDITOR"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return {value, name};
  }
  for (const char* program : {"nano", "vi"})
    if (is_on_path(program)) return {program, "EDITOR"};
  throw Error(Kind::usage, "no editor is known", "set EDITOR, for example: export EDITOR=nano");
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return status;
}

}  // namespace

void edit_file(const std::string& path, EditorOutput output) {
  const auto [program, variable] = editor();
  std::string script = program + " \"$@\"";
  std::string name = program;
  std::string file = path;
  std::string shell = "sh";
  std::string option = "-c";
  char* argv[] = {shell.data(), option.data(), script.data(), name.data(), file.data(), nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (output == EditorOutput::stdout_to_stderr)
    ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, "/bin/sh", &actions, nullptr, argv, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    throw Error(Kind::file, fmt::format("the editor {} can't be started: {}", program, std::strerror(failed)));
  const int status = wait_for(pid);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  throw Error(Kind::file, fmt::format("the editor {} ended with an error on {}", program, path),
              fmt::format("set {} to an editor that works here", variable));
}

}  // namespace treering
