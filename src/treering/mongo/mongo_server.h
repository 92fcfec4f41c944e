// SPDX-License-Identifier: Apache-2.0
// The Server port on libmongoc.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "treering/engine/port/database.h"

namespace treering {

struct MongoOptions {
  std::string url;            // mongodb:// or mongodb+srv://
  std::string username = {};  // apart from the URL; wins over the URL's
  std::string password = {};
  std::chrono::milliseconds timeout{5000};  // for finding a server
  // From the moment in which a server that was there goes away: how long commands that may be repeated are sent again,
  // counted over all connections together. Once again at least.
  std::chrono::milliseconds patience{0};
  // Called before each tenth of a second of that, with how long the server has been away, by any thread that waits;
  // where it throws, nobody waits any more. May be empty.
  std::function<void(std::chrono::milliseconds away)> while_waiting = {};
};

// Throws Error(Kind::config) where the URL is wrong (never quoting a password). Connects to nothing yet.
// Every connection sends appName "treering" (the URL's own wins), repeats reads and the writes that a server can know
// again (MongoDB manual, "Retryable Writes"; not where the URL says retryWrites=false) after a broken connection, and
// uses two sessions of its own: one for its single commands, one for its transactions. Reads go to the primary. A
// server forked off with a connection in use gets a new one in the child.
std::unique_ptr<Server> mongo_server(const MongoOptions& options);

}  // namespace treering
