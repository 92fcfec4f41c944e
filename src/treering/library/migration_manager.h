// SPDX-License-Identifier: Apache-2.0
// Treering as a C++ library: the same class, with the same verbs and results, as treering.MigrationManager in Python.
//
//   treering::MigrationManager manager({.config = "/srv/shop", .scripts = &my_scripts});
//   treering::RunReport report = manager.upgrade("head");
//
// Thread-safe: every call opens the project anew and shares nothing with another, so that two threads behave like two
// processes (the lease makes them queue). Installs no signal handler, writes to no stream and no log.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "treering/engine/author.h"
#include "treering/engine/inspect.h"
#include "treering/engine/migrate.h"
#include "treering/engine/report.h"

namespace treering {

// Every member has a default, so that `{.config = "/srv/shop"}` names only what differs.
struct ManagerOptions {
  // treering.toml or pyproject.toml, or the folder to search from upwards; "" for the working directory.
  std::string config = {};
  std::string environment = {};  // as --env
  std::string url = {};          // as --url
  std::string database = {};     // in the place of the configured one
  // Runs the code of revisions; borrowed; needed by upgrade and downgrade where something is to run.
  Scripts* scripts = nullptr;
  // Told what happens while it happens; borrowed; may be nullptr.
  Observer* observer = nullptr;
  // Asked at every chance; throws Error(Kind::interrupted) to stop a run cleanly.
  std::function<void()> check_interrupted = {};
};

class MigrationManager {
 public:
  explicit MigrationManager(ManagerOptions options = {}) : options_(std::move(options)) {}

  // What each does, gives and throws stands with the verb of the same name: engine/migrate.h, inspect.h, author.h.
  // upgrade and downgrade throw RunFailed where a revision failed.
  RunReport upgrade(const std::string& target = "head");
  RunReport downgrade(const std::string& target = "-1");
  RunReport stamp(const std::vector<std::string>& targets, bool purge = false);
  CurrentReport current();
  std::vector<RevisionReport> history(const std::string& range = "");
  std::vector<RevisionReport> heads();
  std::vector<RevisionReport> show(const std::string& target);
  std::vector<LogEntry> log(std::size_t limit = 20);
  CreatedRevision revision(const std::string& message);

 private:
  ManagerOptions options_;
};

// Thrown by upgrade and downgrade where a revision failed: the error that stopped the run, with all that the run did
// before it.
class RunFailed : public Error {
 public:
  explicit RunFailed(RunReport report) : Error(*report.failure), report_(std::move(report)) {}
  const RunReport& report() const { return report_; }

 private:
  RunReport report_;
};

}  // namespace treering
