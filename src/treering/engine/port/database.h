// SPDX-License-Identifier: Apache-2.0
// Port: a server that speaks MongoDB's commands. The engine's bookkeeping and every operation of a migration go through
// it.
#pragma once

#include <memory>
#include <string>

#include "treering/base/document.h"

namespace treering {

// One connection to one server. Not synchronised: one thread at a time; another thread opens its own (see `Server`).
class Connection {
 public:
  virtual ~Connection() = default;

  // Sends one command to a database and gives the server's reply.
  // Throws Error: unreachable (no server within the configured time, or the connection broke), authentication, or
  // server where the reply is not ok (fields "code", "code_name"; the whole reply in `ServerError::reply`).
  // `writeErrors` and `writeConcernError` beside ok: 1 are the caller's to read (see base/reply.h): some callers want
  // the partial result.
  virtual Document command(const std::string& database, const Document& command) = 0;

  // Largest BSON document, largest message and most statements a write may hold, as the server said
  // ("maxBsonObjectSize", ...).
  struct Limits {
    std::size_t document_bytes = 16777216;
    std::size_t message_bytes = 48000000;
    std::size_t write_batch = 100000;
  };
  virtual Limits limits() = 0;
};

// Where connections come from: one server (or cluster) with one user. Thread-safe.
class Server {
 public:
  virtual ~Server() = default;

  // A connection of its own for the calling thread. Cheap; the first command may throw `unreachable`.
  virtual std::unique_ptr<Connection> connect() = 0;

  // The replies to commands that only read, in their order. May send several at a time, on connections of their own: a
  // reply's cursor can't be gone on with. Throws what Connection::command throws, for the first in order that failed;
  // none is sent after that.
  virtual std::vector<Document> read_many(const std::string& database, const std::vector<Document>& commands) {
    const auto connection = connect();
    std::vector<Document> replies;
    for (const Document& command : commands) replies.push_back(connection->command(database, command));
    return replies;
  }

  // For messages: hosts and nothing secret, as "127.0.0.1:27017".
  virtual std::string hosts() const = 0;
};

}  // namespace treering
