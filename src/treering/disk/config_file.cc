// SPDX-License-Identifier: Apache-2.0
// No message quotes a value: any value may hold a password, if only by a slip of who wrote it.
#include "treering/disk/config_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

#include "treering/base/error.h"
#include "treering/disk/absolute_path.h"

namespace treering {
namespace {

namespace fs = std::filesystem;

enum class Type { text, flag, seconds, folders, modules, command_lines };
struct Key {
  std::string_view name;
  Type type;
};
constexpr std::array<Key, 15> kKeys{{{"url", Type::text},
                                     {"database", Type::text},
                                     {"username", Type::text},
                                     {"password", Type::text},
                                     {"versions", Type::folders},
                                     {"models", Type::modules},
                                     {"snapshots", Type::text},
                                     {"post_write_hooks", Type::command_lines},
                                     {"strict_heads", Type::flag},
                                     {"transactional", Type::flag},
                                     {"trash", Type::flag},
                                     {"python", Type::text},
                                     {"lock_timeout", Type::seconds},
                                     {"lease", Type::seconds},
                                     {"server_timeout", Type::seconds}}};
constexpr double kLongestSeconds = 1e9;

Error at(const std::string& file, int line, const std::string& what, std::string hint = {}) {
  Error error(Kind::config, file + ":" + std::to_string(line) + ": " + what, std::move(hint));
  return error.with("file", file).with("line", std::to_string(line));
}

int line_of(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string hint_for(std::string_view name) {
  const auto distance = [&](const Key& key) { return edit_distance(name, key.name); };
  const std::string_view nearest = std::ranges::min_element(kKeys, {}, distance)->name;
  if (edit_distance(name, nearest) <= std::max(name.size(), nearest.size()) / 2)
    return "did you mean \"" + std::string(nearest) + "\"?";
  std::string all;
  for (const Key& key : kKeys) all.append(all.empty() ? "the keys are " : ", ").append(key.name);
  return all;
}

std::string_view words_for(Type type) {
  switch (type) {
    case Type::text:
      return "a string";
    case Type::flag:
      return "true or false";
    case Type::seconds:
      return "a number of seconds, 0 or more";
    case Type::folders:
      return "a folder or a list of folders";
    case Type::modules:
      return "a Python module, its file, or a list of these";
    case Type::command_lines:
      return "a command line or a list of command lines";
  }
  return {};
}

std::optional<Texts> texts_in(const toml::node& node) {
  if (auto one = node.value_exact<std::string>()) return Texts{*one};
  const toml::array* list = node.as_array();
  if (list == nullptr) return std::nullopt;
  Texts result;
  for (const toml::node& item : *list) {
    auto text = item.value_exact<std::string>();
    if (!text) return std::nullopt;
    result.push_back(*text);
  }
  return result;
}

std::optional<decltype(ConfigSetting::value)> value_of(const toml::node& node, Type type) {
  switch (type) {
    case Type::text:
      return node.value_exact<std::string>();
    case Type::flag:
      return node.value_exact<bool>();
    case Type::folders: {
      auto folders = texts_in(node);
      return folders && folders->empty() ? std::nullopt : folders;
    }
    case Type::modules:
    case Type::command_lines:
      return texts_in(node);
    case Type::seconds:
      break;
  }
  if (!node.is_number()) return std::nullopt;
  const double seconds = *node.value<double>();
  if (!(seconds >= 0 && seconds <= kLongestSeconds)) return std::nullopt;
  return seconds;
}

class TableReader {
 public:
  explicit TableReader(const std::string& file) : file_(file) {}

  // `where` starts the name of a key in messages: "" or "env.staging.".
  SettingTable settings(const toml::table& table, const std::string& where) const {
    SettingTable result;
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (where.empty() && name == "env") continue;
      const auto* known = std::ranges::find(kKeys, name, &Key::name);
      const int line = static_cast<int>(key.source().begin.line);
      if (known == kKeys.end()) throw at(file_, line, "unknown key \"" + where + name + "\"", hint_for(name));
      auto value = value_of(node, known->type);
      if (!value) throw at(file_, line, "\"" + where + name + "\" must be " + std::string(words_for(known->type)));
      result.emplace(name, ConfigSetting{*std::move(value), line});
    }
    return result;
  }

  std::map<std::string, SettingTable> environments(const toml::table& table) const {
    std::map<std::string, SettingTable> result;
    const toml::node* env = table.get("env");
    if (env == nullptr) return result;
    if (!env->is_table()) throw at(file_, line_of(*env), "\"env\" must be tables of settings", "write [env.staging]");
    for (const auto& [key, node] : *env->as_table()) {
      const std::string name(key.str());
      if (!node.is_table())
        throw at(file_, static_cast<int>(key.source().begin.line), "\"env." + name + "\" must be a table of settings",
                 "write [env." + name + "], and the keys below it");
      result.emplace(name, settings(*node.as_table(), "env." + name + "."));
    }
    return result;
  }

 private:
  const std::string& file_;
};

std::string shown_path(const std::string& path) {
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (error) return path;  // it is gone
  const std::string relative = fs::proximate(path, here, error).string();
  return error || relative.starts_with("..") ? path : relative;
}

std::string text_of(const std::string& path, const std::string& shown) {
  std::error_code error;
  std::ifstream stream;
  if (!fs::is_directory(path, error)) stream.open(path, std::ios::binary);
  std::ostringstream text;
  if (stream.is_open()) text << stream.rdbuf();
  if (!stream.is_open() || stream.bad()) {
    const std::string reason = fs::is_directory(path, error) ? "it is a folder"
                               : fs::exists(path, error)     ? "it can't be read"
                                                             : "there is no such file";
    Error failure(Kind::config, "no configuration in " + shown + ": " + reason);
    throw failure.with("file", shown);
  }
  return text.str();
}

// The parser's words without what it read: "string: encountered end-of-file". See the note at the top.
std::string without_content(std::string_view description) {
  constexpr std::string_view kExpected = "expected '";
  std::string_view words = description.substr(0, description.find(", saw"));
  std::size_t quote = words.find_first_of("'\"");
  if (const std::size_t expected = words.find(kExpected);
      expected != std::string_view::npos && expected + kExpected.size() == quote + 1) {
    const std::size_t end = words.find('\'', quote + 1);  // the parser's own word, not the file's
    quote = end == std::string_view::npos ? quote : words.find_first_of("'\"", end + 1);
  }
  words = words.substr(0, quote);
  constexpr std::string_view kStart = "Error while parsing ";
  if (words.starts_with(kStart)) words.remove_prefix(kStart.size());
  while (!words.empty() && (words.back() == ' ' || words.back() == ':' || words.back() == ',')) words.remove_suffix(1);
  return std::string(words);
}

toml::table parse(const std::string& path, const std::string& shown) {
  const std::string text = text_of(path, shown);
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw at(shown, static_cast<int>(error.source().begin.line), "not TOML: " + without_content(error.description()));
  }
}

// Nothing for a pyproject.toml without [tool.treering].
std::optional<ConfigFile> read(const std::string& path) {
  ConfigFile result{path, shown_path(path), {}, {}};
  const toml::table whole = parse(path, result.shown);
  const toml::table* ours = &whole;
  if (fs::path(path).filename() == "pyproject.toml") {
    const auto node = whole["tool"]["treering"];
    if (!node) return std::nullopt;
    ours = node.as_table();
    if (ours == nullptr) throw at(result.shown, line_of(*node.node()), "\"tool.treering\" must be a table of settings");
  }
  const TableReader reader(result.shown);
  result.top = reader.settings(*ours, "");
  result.environments = reader.environments(*ours);
  return result;
}

}  // namespace

ConfigFile find_config_file(const std::string& start) {
  const fs::path first = absolute_path(start);
  for (fs::path folder = first;; folder = folder.parent_path()) {
    for (const char* name : {"treering.toml", "pyproject.toml"}) {
      std::error_code error;
      const fs::path path = folder / name;
      if (!fs::is_regular_file(path, error)) continue;  // nor a pipe, which would keep us waiting
      if (auto found = read(path.string())) return *std::move(found);
    }
    if (folder == folder.parent_path()) break;
  }
  fs::path shown = first;
  if (!shown.has_filename()) shown = shown.parent_path();
  throw Error(Kind::config,
              "no treering.toml, and no pyproject.toml with [tool.treering], in " + shown.string() + " or above",
              "start a project with: treering init");
}

ConfigFile read_config_file(const std::string& path) {
  const std::string absolute = absolute_path(path);
  if (auto found = read(absolute)) return *std::move(found);
  Error error(Kind::config, shown_path(absolute) + " has no [tool.treering]", "start a project with: treering init");
  throw error.with("file", shown_path(absolute));
}

}  // namespace treering
