// SPDX-License-Identifier: Apache-2.0
// Port: a server that speaks MongoDB's commands. The engine's bookkeeping and every operation of a migration go through
// it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "treering/base/document.h"
#include "treering/base/error.h"

namespace treering {

// What a transaction asks for as a whole; where it says nothing, what the URL says holds.
struct TransactionOptions {
  Document read_concern = {};                    // {level: "snapshot"}
  Document write_concern = {};                   // {w: "majority", j: true}, of the commit
  std::chrono::milliseconds max_commit_time{0};  // 0: no limit
};

// One connection to one server, with a session of its own. Not synchronised: one thread at a time; another thread opens
// its own (see `Server`).
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

  // What the server said of itself when it was met, as the reply to `hello`: no round trip after the first.
  virtual Document hello() = 0;

  // "host:port" of the server that commands go to.
  virtual std::string address() = 0;

  // The id of the session that its transactions are in, as commands carry it in `lsid`, so that somebody else can end
  // them (killSessions); empty where the server has no sessions.
  virtual Document session_id() = 0;

  // Sessions, as commands carry them in `lsid`, in which this connection makes its changes, and in which the server
  // would refuse late ones after a `fence`. Empty where it can't (a standalone server).
  virtual std::vector<Document> fenceable_sessions() { return {}; }

  // Sends a write of one document in somebody else's session, with a transaction number higher than that one will ever
  // use. From then on the server refuses that session's writes of single documents and its transactions, those under
  // way included (code 225, TransactionTooOld). What it doesn't: writes with multi: true, and operations on collections
  // and indexes outside of a transaction, which carry no such number. Gives the reply to the write; where the session
  // was fenced before, that of the first time. Source: MongoDB manual, "Retryable Writes", and the driver
  // specification of that name. Throws what `command` throws, and Error(Kind::usage) where the server has no sessions.
  virtual Document fence(const Document& session, const std::string& database, const Document& command);

  // From here on every command belongs to one transaction, until it is committed or aborted. Nothing is sent: the
  // server hears of it with the first command. Commands carry no concerns of their own meanwhile. A command that
  // fails, and one with writeErrors, ends the transaction at the server; it is aborted here all the same. Errors have
  // the server's labels (base/reply.h, has_label): with TransientTransactionError the whole may be begun again.
  // Throws Error(Kind::usage) where one is open, or where the server has no sessions.
  virtual void begin_transaction(const TransactionOptions& options = {}) = 0;

  // Ends the transaction, also where it throws. Sent once more by itself where the connection broke or the server asked
  // for it; after an error with the label UnknownTransactionCommitResult it may be called again, until another command
  // was sent, and then asks for the same commit. Throws Error(Kind::usage) where there is nothing to commit,
  // ServerError, and Error(Kind::unreachable).
  virtual void commit_transaction() = 0;

  // Ends the transaction. What the server says to it is not told: it forgets a transaction that nobody goes on with.
  // Throws Error(Kind::usage) where none is open.
  virtual void abort_transaction() = 0;

  virtual bool in_transaction() const = 0;
};

inline Document Connection::fence(const Document&, const std::string&, const Document&) {
  throw Error(Kind::usage, "this server has no sessions that could be fenced");
}

// How somebody else's driver gets to the same server as the same user. Secret: never for messages, logs or reports.
struct ServerAccess {
  std::string url = {};       // empty: there is no way
  std::string username = {};  // apart from the URL; wins over the URL's
  std::string password = {};
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

  virtual ServerAccess access() { return {}; }

  // For messages: hosts and nothing secret, as "127.0.0.1:27017".
  virtual std::string hosts() const = 0;
};

}  // namespace treering
