// SPDX-License-Identifier: Apache-2.0
// What a verb works with: the settings it needs and the ports. Borrows everything.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "treering/engine/port/clock.h"
#include "treering/engine/port/database.h"
#include "treering/engine/port/files.h"
#include "treering/engine/port/scripts.h"

namespace treering {

// Who we are, for the lease, the journal and for whoever waits for us. Nothing secret.
struct Holder {
  std::string host;
  std::int64_t pid = 0;
  std::string user;
  std::string run;  // unique to this run
};

struct Settings {
  std::string database;
  bool strict_heads = false;
  bool trash = true;                          // dropped collections are kept
  bool transactional = false;                 // of revisions whose header doesn't say
  std::vector<std::string> models;            // Python modules, or paths of their files
  std::chrono::milliseconds lock_timeout{0};  // how long to wait for somebody else's lease
  std::chrono::milliseconds lease{30000};     // how long a lease holds without being renewed; renewed at a third of it
  Holder me;
};

struct StepReport;

// How far something long has come.
struct Progress {
  std::string what;                   // "backfill users", "reading users", "index users.email_1"
  std::int64_t done = 0;              // documents
  std::optional<std::int64_t> total;  // nothing where nobody can say
  std::int64_t elapsed_us = 0;
  bool ended = false;
};

// Told what happens while it happens. Called from the thread of the verb.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void note(const std::string& line) = 0;  // something worth knowing: adoption, unknown revisions, waiting
  virtual void step_started(const std::string& revision, const std::string& message, Direction direction) = 0;
  virtual void step_finished(const StepReport& step) = 0;
  // Now and then while something lasts longer than a second, and once when it has ended then. By one thread at a time.
  virtual void progress(const Progress&) {}
};

struct Project {
  Settings settings;
  Files* files = nullptr;
  Server* server = nullptr;
  Scripts* scripts = nullptr;  // nullptr: nobody here can run code (the binary hands over before it comes to that)
  Clock* clock = nullptr;
  Observer* observer = nullptr;  // may be nullptr
};

inline void note(const Project& project, const std::string& line) {
  if (project.observer != nullptr) project.observer->note(line);
}

}  // namespace treering
