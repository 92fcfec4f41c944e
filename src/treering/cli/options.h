// SPDX-License-Identifier: Apache-2.0
// What a command line says, as one plain value. Which command has which option, and its default, stands in the table of
// commands.cc.
#pragma once

#include <string>
#include <vector>

namespace treering {

struct Options {
  // Of every command.
  std::string config;
  std::string environment;
  std::string url;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool no_color = false;
  bool help = false;
  bool version = false;

  // Of some.
  std::string target;
  std::vector<std::string> targets;
  std::string message;
  std::vector<std::string> head;
  std::vector<std::string> branch_labels;
  std::vector<std::string> depends_on;
  std::string rev_id;
  std::string range;
  std::string lock_timeout;  // seconds; "" for what the configuration says
  std::string timeout;       // seconds
  std::string limit;
  std::string as;
  std::string older_than;  // "30d", "12h", "all"
  std::string folder;
  std::string template_name;
  std::string models;
  std::string source_a;
  std::string source_b;
  bool autogenerate = false;
  bool allow_drop_collections = false;
  bool include_unmanaged = false;
  bool offline = false;
  bool force = false;
  bool dry_run = false;
  std::string script;
  std::string workers;
  std::string max_rate;
  bool no_stamp = false;
  bool splice = false;
  bool edit = false;
  bool check_heads = false;
  bool indicate_current = false;
  bool resolve_dependencies = false;
  bool purge = false;
};

}  // namespace treering
