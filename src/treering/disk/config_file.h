// SPDX-License-Identifier: Apache-2.0
// A configuration file as it is written: found, parsed, its keys and types checked; nothing expanded or decided.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace treering {

using Texts = std::vector<std::string>;

struct ConfigSetting {
  std::variant<std::string, bool, double, Texts> value;  // of the key's type: see kKeys in the source
  int line = 0;
};
using SettingTable = std::map<std::string, ConfigSetting>;

struct ConfigFile {
  std::string path;   // absolute
  std::string shown;  // for messages: short where it is below the working directory
  SettingTable top;
  std::map<std::string, SettingTable> environments;
};

// The configuration that holds for a folder: the nearest treering.toml, or pyproject.toml with [tool.treering], from it
// upwards. Throws Error(Kind::config): there is none, or what read_config_file throws.
ConfigFile find_config_file(const std::string& start);

// Throws Error(Kind::config) with file and line: unreadable, not TOML, an unknown key (the nearest named), a value of a
// wrong type, a pyproject.toml without [tool.treering].
ConfigFile read_config_file(const std::string& path);

}  // namespace treering
