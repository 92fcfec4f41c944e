// SPDX-License-Identifier: Apache-2.0
// Which server program `embedded:` runs, and how it is called.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace treering {

struct EmbeddedEngine {
  std::string
      name;  // "mongod", "secantusd-rs" or "secantusd-py": also names its data folder, as none reads another's data
  std::string program;
};

// Where to look, as values.
struct EngineSearch {
  std::vector<std::string> path;    // the folders of PATH
  std::string cache;                // the user's cache folder
  std::vector<std::string> beside;  // folders of this program and of the virtual environment
  std::string
      chosen;  // TREERING_EMBEDDED: an engine's name, or the path of a program whose name starts with one; "": any
};
EngineSearch engine_search_of_process();

// `made_by`: the engine whose data the project has, "" for none; it is kept to unless `chosen` says otherwise.
// Throws Error(Kind::unreachable) where there is none (what to install), Error(Kind::config) where `chosen` names no
// engine.
EmbeddedEngine find_engine(const EngineSearch& search, std::string_view made_by);

// The program's words. `port` 0: it picks one itself.
std::vector<std::string> engine_command(const EmbeddedEngine& engine, const std::string& data, int port);

// Whether it takes port 0 and says "listening on 127.0.0.1:PORT" when it is ready.
bool says_its_port(const EmbeddedEngine& engine);

// What a person should know about the engine, "" for nothing.
std::string engine_warning(std::string_view engine_name);

}  // namespace treering
