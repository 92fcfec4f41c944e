// SPDX-License-Identifier: Apache-2.0
// What the code of a migration works on. Every change it makes passes here as an Operation, so that the lease is
// checked before each, and what was done can be told, counted and (later) undone.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "treering/base/document.h"
#include "treering/engine/port/database.h"
#include "treering/schema/operation.h"

namespace treering {

class Preview;

// Thread-safe: calls from several threads of a migration wait for each other. Borrows the connection.
class Env {
 public:
  // `before_change` is called before every operation and throws where the run may not go on (lease lost, interrupted);
  // it may be empty.
  Env(Connection& connection, std::string database, std::function<void()> before_change = {});
  // Of a dry run: `preview`, which is borrowed, gets the operations, and answers for what would be there by then.
  Env(Connection& connection, std::string database, Preview& preview, std::function<void()> before_change);

  const std::string& database() const { return database_; }

  // Carries the operation out and gives the server's reply. For a Write of several commands the replies are merged: n,
  // nModified summed, `upserted` and `writeErrors` with the index of their statement in the whole list, an ordered
  // write stopped at the first error. writeErrors and writeConcernError are in the reply, not thrown. Throws what
  // Connection::command throws.
  Document apply(const Operation& operation);

  // A command that changes nothing (find, getMore, aggregate without $out, count, distinct, listCollections,
  // listIndexes, ...). No lease check.
  Document read(const std::string& database, const Document& command);

  // Names, sorted, without system.*, tmp.agg_out.*, and Treering's own (treering_*, _db_version). Asked from the server
  // each time.
  std::vector<std::string> collections();

  // Whether the database has it; of a dry run, whether it would have it by now.
  bool has_collection(const std::string& database, const std::string& name);

  // True where it was created, false where a collection of that name was there (whatever its options).
  bool create_collection(const std::string& name, const Document& options = {});
  // True where it was dropped, false where there was none.
  bool drop_collection(const std::string& name);

  // What was done so far, in order.
  struct Done {
    std::vector<std::string> schema;              // describe() of each schema operation
    std::map<std::string, std::int64_t> written;  // documents inserted, changed or deleted, by collection
    std::optional<Operation> refused;             // the last operation, where it was one the server refused
  };
  Done done() const;

  // Operations are collected and not carried out.
  bool is_dry_run() const { return preview_ != nullptr; }

 private:
  Document apply_locked(const Operation& operation);
  Document read_locked(const std::string& database, const Document& command);
  bool has_collection_locked(const std::string& database, const std::string& name);
  void tell_done(const Operation& operation, const Document& reply);

  mutable std::mutex mutex_;
  Connection& connection_;
  std::string database_;
  std::function<void()> before_change_;
  Preview* preview_ = nullptr;
  Done done_;
};

// Whether a collection of a user's database is Treering's or the server's own: not in env.collections, never in a diff.
bool is_internal_collection(std::string_view name);

}  // namespace treering
