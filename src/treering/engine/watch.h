// SPDX-License-Identifier: Apache-2.0
// Tells the observer how far long reads and index builds have come, once they last longer than a second.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "treering/engine/port/clock.h"
#include "treering/engine/port/database.h"
#include "treering/engine/project.h"

namespace treering {

// Counts the documents that cursors bring. For one thread at a time.
class ReadingWatch {
 public:
  // Borrows both; where one is nullptr nothing is told.
  ReadingWatch(Clock* clock, Observer* observer) : clock_(clock), observer_(observer) {}

  // `command` was just answered so. Asks the connection once, for the collection's size, where a cursor is long.
  void note(Connection& connection, const std::string& database, const Document& command, const Document& reply);

 private:
  struct Reading {
    std::string collection;
    bool whole = false;  // nothing filters: the collection's size is where it ends
    std::int64_t started_us = 0;
    std::int64_t done = 0;
    std::optional<std::int64_t> total;
    bool told = false;
  };

  Clock* clock_;
  Observer* observer_;
  std::map<std::int64_t, Reading> readings_;  // by the cursor's id
};

// From the reply to currentOp: how far the build of the collection's indexes is. Nothing where the server doesn't say.
// Source: MongoDB manual, "currentOp", "Index Creation Operations".
struct BuildProgress {
  std::int64_t done = 0;
  std::int64_t total = 0;
};
std::optional<BuildProgress> build_progress(const Document& reply, const std::string& collection);

// From its construction to its end a build is under way; asks the server every second, on a connection of its own.
class IndexBuildWatch {
 public:
  // Borrows all; where one is nullptr nothing is told. `what`: "index users.email_1".
  IndexBuildWatch(Server* server, Clock* clock, Observer* observer, std::string what, std::string collection);
  ~IndexBuildWatch();
  IndexBuildWatch(const IndexBuildWatch&) = delete;
  IndexBuildWatch& operator=(const IndexBuildWatch&) = delete;

 private:
  void ask();

  Server* server_;
  Clock* clock_;
  Observer* observer_;
  std::string what_;
  std::string collection_;
  std::int64_t started_us_ = 0;
  std::int64_t last_done_ = 0;
  std::atomic<bool> told_ = false;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Clock::Repeating> asking_;
};

}  // namespace treering
