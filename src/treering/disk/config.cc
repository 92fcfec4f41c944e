// SPDX-License-Identifier: Apache-2.0
// Decides between the sources of each setting. A variable is expanded only where its setting is used, so that a
// password that isn't set troubles nobody who needs no server.
#include "treering/disk/config.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "treering/base/error.h"
#include "treering/disk/config_file.h"
#include "treering/disk/server_url.h"
#include "treering/disk/url_options.h"
#include "treering/disk/variables.h"

namespace treering {
namespace {

namespace fs = std::filesystem;

// Where a setting came from; later ones win.
enum class Source { top, environment, variable, command_line };

struct FoundSetting {
  const ConfigSetting* setting = nullptr;
  Source source = Source::top;
  std::string place;  // "treering.toml:3: \"env.staging.url\""
};

class Reader {
 public:
  Reader(const ConfigRequest& request, const Environment& environment)
      : request_(request), environment_(environment), file_(open(request, environment)) {
    name_ = request.environment.empty() ? variable("TREERING_ENV") : request.environment;
    if (name_.empty()) return;
    const auto found = file_.environments.find(name_);
    if (found == file_.environments.end()) throw unknown_environment();
    overrides_ = &found->second;
  }

  Config config() const {
    Config result;
    result.file = file_.path;
    result.root = fs::path(file_.path).parent_path().string();
    result.environment = name_;
    if (const FoundSetting found = find("versions"); found.setting != nullptr) result.versions = folders(found);
    result.snapshots = snapshots(result.versions.front());
    if (const FoundSetting found = find("models"); found.setting != nullptr) result.models = modules(found);
    if (const FoundSetting found = find("post_write_hooks"); found.setting != nullptr)
      result.post_write_hooks = std::get<Texts>(found.setting->value);
    if (const FoundSetting found = find("strict_heads"); found.setting != nullptr)
      result.strict_heads = std::get<bool>(found.setting->value);
    if (const FoundSetting found = find("transactional"); found.setting != nullptr)
      result.transactional = std::get<bool>(found.setting->value);
    if (const FoundSetting found = find("trash"); found.setting != nullptr)
      result.trash = std::get<bool>(found.setting->value);
    result.python = python(result.root);
    result.lock_timeout = seconds("lock_timeout", result.lock_timeout);
    result.server_timeout = seconds("server_timeout", result.server_timeout);
    result.lease = seconds("lease", result.lease);
    if (result.lease.count() == 0) throw wrong(find("lease"), "must be more than 0 seconds");
    if (request_.need_database) {
      add_server(result);
    } else {
      try {
        Config with_server = result;
        add_server(with_server);
        result = std::move(with_server);
      } catch (const Error&) {
        // Nobody asked for it: the command that does will say what is wrong.
      }
    }
    return result;
  }

 private:
  static ConfigFile open(const ConfigRequest& request, const Environment& environment) {
    std::string path = request.file;
    if (path.empty()) path = environment("TREERING_CONFIG").value_or("");
    if (path.empty()) path = request.default_file;
    return path.empty() ? find_config_file(request.start) : read_config_file(path);
  }

  // Set to nothing is as good as not set.
  std::string variable(const std::string& name) const { return environment_(name).value_or(""); }

  Error unknown_environment() const {
    std::string names;
    for (const auto& [name, settings] : file_.environments) names += (names.empty() ? "" : ", ") + name;
    const std::string from = request_.environment.empty() ? " (TREERING_ENV)" : "";
    Error error(Kind::config, file_.shown + " has no environment \"" + name_ + "\"" + from,
                names.empty() ? "add one: [env." + name_ + "]" : "it has: " + names);
    return error.with("file", file_.shown);
  }

  FoundSetting find(const std::string& key) const {
    const auto in = [&](const SettingTable& table, Source source, const std::string& prefix) -> FoundSetting {
      const auto found = table.find(key);
      if (found == table.end()) return {};
      const std::string line = std::to_string(found->second.line);
      return {&found->second, source, file_.shown + ":" + line + ": \"" + prefix + key + "\""};
    };
    if (overrides_ != nullptr)
      if (FoundSetting found = in(*overrides_, Source::environment, "env." + name_ + "."); found.setting != nullptr)
        return found;
    return in(file_.top, Source::top, "");
  }

  Error wrong(const FoundSetting& found, const std::string& what, std::string hint = {}) const {
    Error error(Kind::config, found.place + " " + what, std::move(hint));
    return error.with("file", file_.shown).with("line", std::to_string(found.setting->line));
  }

  std::string expanded(const std::string& text, const FoundSetting& found) const {
    try {
      return expand_variables(text, environment_, found.place);
    } catch (Error& error) {
      throw error.with("file", file_.shown).with("line", std::to_string(found.setting->line));
    }
  }

  std::string text(const FoundSetting& found) const {
    return found.setting == nullptr ? std::string() : expanded(std::get<std::string>(found.setting->value), found);
  }

  std::string folder(const std::string& item, const FoundSetting& found) const {
    const std::string name = expanded(item, found);
    if (name.empty()) throw wrong(found, "names a folder that is empty text");
    fs::path path = fs::path(name).lexically_normal();
    if (!path.has_filename() && path.has_relative_path()) path = path.parent_path();  // without the closing slash
    return path.string();
  }

  Texts folders(const FoundSetting& found) const {
    Texts result;
    for (const std::string& item : std::get<Texts>(found.setting->value)) {
      const std::string path = folder(item, found);
      if (std::ranges::find(result, path) == result.end()) result.push_back(path);
    }
    return result;
  }

  std::string snapshots(const std::string& first_of_versions) const {
    if (const FoundSetting found = find("snapshots"); found.setting != nullptr)
      return folder(std::get<std::string>(found.setting->value), found);
    return (fs::path(first_of_versions).parent_path() / "snapshots").string();
  }

  Texts modules(const FoundSetting& found) const {
    Texts result;
    for (const std::string& item : std::get<Texts>(found.setting->value)) {
      std::string module = expanded(item, found);
      if (module.empty()) throw wrong(found, "names a module that is empty text");
      if (std::ranges::find(result, module) == result.end()) result.push_back(std::move(module));
    }
    return result;
  }

  std::string python(const std::string& root) const {
    const std::string program = text(find("python"));
    if (program.find('/') == std::string::npos) return program;  // looked for on PATH
    return (fs::path(root) / program).lexically_normal().string();
  }

  std::chrono::milliseconds seconds(const std::string& key, std::chrono::milliseconds otherwise) const {
    const FoundSetting found = find(key);
    if (found.setting == nullptr) return otherwise;
    return std::chrono::milliseconds(std::llround(std::get<double>(found.setting->value) * 1000));
  }

  // The URL and where it came from, in order of precedence.
  std::string url(FoundSetting& found) const {
    if (!request_.url.empty()) {
      found = {nullptr, Source::command_line, "--url"};
      return request_.url;
    }
    if (std::string value = variable("TREERING_URL"); !value.empty()) {
      found = {nullptr, Source::variable, "TREERING_URL"};
      return value;
    }
    found = find("url");
    return text(found);
  }

  void add_server(Config& config) const {
    FoundSetting from;
    config.url = url(from);
    if (config.url.empty())
      throw Error(
          Kind::config, "no server is named: neither \"url\" in " + file_.shown + " nor TREERING_URL nor --url",
          "write url = \"mongodb://localhost:27017\", or url = \"embedded:\" for a server of the project's own");
    if (!is_server_url(config.url)) {
      const std::string rule = "must start with mongodb://, mongodb+srv:// or embedded:";
      throw from.setting != nullptr ? wrong(from, rule) : Error(Kind::config, from.place + " " + rule);
    }
    require_known_options(config.url, from);
    add_credentials(config, from.source);
    add_database(config, from.source);
  }

  // Drivers pass over what they don't know: with a slip in "tls" they would connect without it.
  void require_known_options(const std::string& url, const FoundSetting& from) const {
    if (is_embedded_url(url)) return;
    for (const std::string& name : unknown_options(url)) {
      const std::string near = nearest_option(name);
      if (near.empty()) continue;  // perhaps a newer driver's: whoever connects tells of it
      const std::string what = "has an option that MongoDB doesn't have: " + name;
      const std::string hint = "did you mean " + near + "?";
      throw from.setting != nullptr ? wrong(from, what, hint) : Error(Kind::config, from.place + " " + what, hint);
    }
  }

  // A URL that was put in the place of the file's brings its own user, if it names one.
  void add_credentials(Config& config, Source url_source) const {
    if (is_embedded_url(config.url)) return;
    const bool own = has_credentials(config.url);
    const auto used = [&](const FoundSetting& found) {
      return found.setting != nullptr && !(own && found.source < url_source);
    };
    if (const FoundSetting found = find("username"); used(found)) config.username = text(found);
    if (const FoundSetting found = find("password"); used(found)) config.password = text(found);
  }

  // A URL that was put in the place of the file's brings its own database, if it names one.
  void add_database(Config& config, Source url_source) const {
    if (!request_.database.empty()) {
      config.database = request_.database;
      if (const std::string fault = database_name_fault(config.database); !fault.empty())
        throw Error(Kind::config, "the database name \"" + config.database + "\" " + fault);
      return;
    }
    const FoundSetting found = find("database");
    const std::string named_by_url = database_in_url(config.url);
    const bool overruled = !named_by_url.empty() && found.source < url_source;
    if (!overruled) config.database = text(found);
    const bool by_key = !config.database.empty();
    if (!by_key) config.database = named_by_url;
    if (config.database.empty() && is_embedded_url(config.url))
      config.database = fit_database_name(fs::path(config.root).filename().string());
    if (config.database.empty())
      throw Error(Kind::config, "no database is named: neither \"database\" in " + file_.shown + " nor the URL's path",
                  "write database = \"...\", or mongodb://host/database");
    const std::string fault = database_name_fault(config.database);
    if (fault.empty()) return;
    if (by_key) throw wrong(found, "names the database \"" + config.database + "\", which " + fault);
    // Not quoted: what stands there in a URL with a mistake may be a part of the password.
    throw Error(Kind::config, "the name of the database in the server's URL " + fault,
                "name yours with: database = \"...\"");
  }

  const ConfigRequest& request_;
  const Environment& environment_;
  ConfigFile file_;
  std::string name_;
  const SettingTable* overrides_ = nullptr;
};

std::optional<std::string> of_this_process(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace

Config load_config(const ConfigRequest& request) {
  const Environment environment = request.getenv ? request.getenv : of_this_process;
  return Reader(request, environment).config();
}

}  // namespace treering
