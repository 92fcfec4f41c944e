// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/embedded_engine.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "treering/base/error.h"

namespace treering {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kEngines = {"mongod", "secantusd-rs", "secantusd-py"};  // best first
constexpr std::string_view kCachedServer = "treering/secantus-0.5.3-beta.196/bin";  // where `make test` keeps it
constexpr const char* kInstall =
    "Install MongoDB (mongod), or the Rust server (cargo install secantus-mdb --version 0.5.3-beta.196 --locked "
    "--ignore-rust-version), or its "
    "Python preview (pip install SecantusDB==0.7.0b3); or set url to a server that runs.";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string program_in(const std::vector<std::string>& folders, std::string_view name) {
  for (const std::string& folder : folders) {
    if (folder.empty()) continue;
    const fs::path program = fs::path(folder) / name;
    std::error_code ignored;
    if (fs::is_regular_file(program, ignored) && access(program.c_str(), X_OK) == 0)
      return fs::absolute(program).string();
  }
  return "";
}

std::string program_of(const EngineSearch& search, std::string_view engine) {
  std::vector<std::string> folders = search.path;
  if (engine == "secantusd-rs" && !search.cache.empty())
    folders.push_back((fs::path(search.cache) / kCachedServer).string());
  if (engine == "secantusd-py") folders.insert(folders.end(), search.beside.begin(), search.beside.end());
  return program_in(folders, engine);
}

EmbeddedEngine chosen_engine(const EngineSearch& search) {
  const fs::path chosen(search.chosen);
  const std::string file = chosen.filename().string();
  for (const std::string_view engine : kEngines) {
    if (!file.starts_with(engine)) continue;
    const bool is_path = search.chosen.find('/') != std::string::npos;
    const std::string program =
        is_path ? program_in({chosen.parent_path().string()}, file) : program_of(search, engine);
    if (!program.empty()) return {std::string(engine), program};
    throw Error(Kind::unreachable, "TREERING_EMBEDDED names " + search.chosen + ", which is not there or can't be run",
                kInstall);
  }
  throw Error(Kind::config, "TREERING_EMBEDDED names " + search.chosen + ", which is no server that Treering can start",
              "It is one of mongod, secantusd-rs and secantusd-py, or the path of one.");
}

}  // namespace

EngineSearch engine_search_of_process() {
  EngineSearch search;
  const std::string path = environment("PATH");
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find(':', start), path.size());
    search.path.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  search.cache = environment("XDG_CACHE_HOME");
  if (const std::string home = environment("HOME"); search.cache.empty() && !home.empty())
    search.cache = home + "/.cache";
  std::error_code failed;
  if (const fs::path self = fs::read_symlink("/proc/self/exe", failed); !failed)
    search.beside.push_back(self.parent_path().string());
  // A virtual environment's python is a link to the system's: the name it was called by is where its scripts are.
  if (const fs::path called = program_invocation_name; called.has_parent_path())
    search.beside.push_back(called.parent_path().string());
  if (const std::string venv = environment("VIRTUAL_ENV"); !venv.empty()) search.beside.push_back(venv + "/bin");
  search.chosen = environment("TREERING_EMBEDDED");
  return search;
}

EmbeddedEngine find_engine(const EngineSearch& search, std::string_view made_by) {
  if (!search.chosen.empty()) return chosen_engine(search);
  for (const std::string_view engine : kEngines) {
    if (!made_by.empty() && engine != made_by) continue;
    if (const std::string program = program_of(search, engine); !program.empty()) return {std::string(engine), program};
  }
  if (made_by.empty()) throw Error(Kind::unreachable, "there is no server to start for the project", kInstall);
  const std::string name(made_by);
  throw Error(Kind::unreachable, "the project's own data was written by " + name + ", which is not found any more",
              "Install " + name +
                  " again. Another server can't read the data: to start with an empty one, move .treering away.");
}

std::vector<std::string> engine_command(const EmbeddedEngine& engine, const std::string& data, int port) {
  const std::string number = std::to_string(port);
  if (engine.name == "mongod") return {engine.program, "--dbpath", data, "--port", number, "--bind_ip", "127.0.0.1"};
  std::vector<std::string> words = {engine.program,   "--host", "127.0.0.1",        "--port",       number,
                                    "--storage-path", data,     "--sync-on-commit", "--cache-size", "256M"};
  if (engine.name == "secantusd-rs") words.insert(words.end(), {"--log-file-max", "8MB", "--log-level", "WARNING"});
  return words;
}

bool says_its_port(const EmbeddedEngine& engine) { return engine.name != "mongod"; }

std::string engine_warning(std::string_view engine_name) {
  if (engine_name != "secantusd-py") return "";
  return "the embedded server is secantusd-py, a preview that answers some queries wrongly: not for data that matters; "
         "install mongod or secantusd-rs";
}

}  // namespace treering
