// SPDX-License-Identifier: Apache-2.0
// Configuration: treering.toml, or [tool.treering] in pyproject.toml. See docs/configuration.md for every key.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace treering {

struct Config {
  std::string root;         // absolute path of the folder that holds the configuration file
  std::string file;         // absolute path of the configuration file
  std::string environment;  // name given with --env or TREERING_ENV; "" for none
  std::string url;          // as configured, expanded; may hold a password: never show it, see redact_url
  std::string database;  // from `database`, else from the URL's path; for "embedded:" without either, the root folder's
                         // name made fit
  std::string username;  // apart from the URL; "" for none
  std::string password;
  std::vector<std::string> versions = {"migrations/versions"};  // folders of revision files, relative to root
  std::vector<std::string> models;  // Python modules, or their files relative to root; none where nothing is configured
  std::string snapshots = "migrations/snapshots";  // folder, relative to root; beside the first of `versions`
  std::vector<std::string> post_write_hooks;       // command lines, as configured: the shell expands them
  bool strict_heads = false;
  bool transactional = false;  // of revisions whose header doesn't say
  bool trash = true;           // dropped collections are kept
  std::string python;          // interpreter that runs revisions; "" for the default search
  std::chrono::milliseconds lock_timeout{0};
  std::chrono::milliseconds lease{30000};
  std::chrono::milliseconds server_timeout{5000};
};

struct ConfigRequest {
  std::string start;          // folder to search from, upwards; "" for the working directory
  std::string file;           // --config / TREERING_CONFIG: this file and no search
  std::string default_file;   // this one where neither of these names one, and no search
  std::string environment;    // --env
  std::string url;            // --url: wins over everything
  std::string database;       // in the place of every database that is configured or in a URL; "" for none
  bool need_database = true;  // false: url and database may be missing or unexpandable (revision, history, heads, ...)
  std::function<std::optional<std::string>(const std::string&)> getenv;  // empty: the process's environment
};

// Throws Error(Kind::config) with file and line where there is one: no configuration (says `treering init`), not TOML,
// unknown key (nearest named), wrong type, an unset ${NAME} (names it), an unknown environment (names those there are),
// no database named. Order: --url, TREERING_URL, [env.NAME], the top of the file.
Config load_config(const ConfigRequest& request);

// "mongodb://user:***@host/db?..." : the URL with the password, and with any credential in its options, replaced by
// ***.
std::string redact_url(const std::string& url);

}  // namespace treering
