// SPDX-License-Identifier: Apache-2.0
// What the code of a migration works on. Every change it makes passes here as an Operation, so that the lease is
// checked before each, and what was done can be told, counted and undone.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "treering/base/document.h"
#include "treering/engine/backfill.h"
#include "treering/engine/port/database.h"
#include "treering/engine/transaction_rules.h"
#include "treering/engine/trash.h"
#include "treering/engine/watch.h"
#include "treering/engine/write_batch.h"
#include "treering/schema/operation.h"

namespace treering {

class AttemptJournal;
class Preview;

// What an Env may use beside its connection; borrowed.
struct EnvSurroundings {
  Server* server = nullptr;  // where sessions and workers get connections; nullptr: there are none
  // Set: the connection is in a transaction that the owner ends; of a dry run, it would be.
  TransactionRules* transaction = nullptr;
  Preview* preview = nullptr;  // set: of a dry run; it gets the operations, and answers for what would be there by then
  AttemptJournal* journal = nullptr;  // of what no transaction holds; nullptr: nothing is written down or kept
  // A session that the code has started, before it is used: its sessions at the server
  // (Connection::fenceable_sessions).
  std::function<void(const std::vector<Document>&)> session_started = {};
  Clock* clock = nullptr;  // of backfills and progress; nullptr: there are none
  Observer* observer = nullptr;
  std::string run = {};   // unique to this process
  std::string step = {};  // "20241210120000:upgrade", by which a backfill is found again; "" outside of a revision
};

// A session that the code of a migration started; 0 is the one that the Env works in by itself.
using SessionNumber = int;

// Thread-safe: calls from several threads of a migration wait for each other. Borrows the connection.
class Env {
 public:
  // `before_change` is called before every operation and throws where the run may not go on (lease lost, interrupted);
  // it may be empty.
  Env(Connection& connection, std::string database, std::function<void()> before_change = {},
      EnvSurroundings surroundings = {});

  const std::string& database() const { return database_; }

  // Carries the operation out and gives the server's reply. For a Write of several commands the replies are merged: n,
  // nModified summed, `upserted` and `writeErrors` with the index of their statement in the whole list, an ordered
  // write stopped at the first error. writeErrors and writeConcernError are in the reply, not thrown. Throws what
  // Connection::command throws, and Error(Kind::usage) for what a transactional revision can't do and for changes of
  // Treering's own collections by a revision.
  // `place`: where the call stands ("versions/x.py:12"), for a batch.
  Document apply(const Operation& operation, SessionNumber session = 0, const std::string& place = {});
  // The same, but nothing of it waits in a batch.
  Document apply_at_once(const Operation& operation, SessionNumber session = 0);

  // From here on writes of one statement, and indexes to create, wait for others of their collection: `size` at most;
  // those of a session don't. Their reply is {ok: 1, queued: true}. They are sent, in their order, before anything else
  // that touches their collection, and by end_batch. Collections don't wait for each other. Where the server refuses a
  // statement, ServerError is thrown with the whole reply and the field "place": that of the call (see apply); of
  // indexes also "places", a line each, where the server doesn't tell which it refused. What waits then is dropped, and
  // until end_batch or drop_batch each further write throws Error(Kind::usage), and so does end_batch. Throws
  // Error(Kind::usage) where a batch is open already, or the size isn't positive.
  void begin_batch(std::int64_t size);
  void end_batch();
  // Ends it without sending what still waits.
  void drop_batch();
  bool in_batch() const;
  // The code is over. Throws Error(Kind::migration_failed) where writes of a batch wait that was begun and not ended,
  // or where end_backfills had something to end.
  void require_ended() const;

  // A long change of data (backfill.h); the rest of the request is the caller's, its id and the place are ours. Other
  // calls needn't wait for it. Throws what treering::backfill throws, and Error(Kind::usage) where the revision is
  // transactional, or where there are no workers.
  BackfillReport backfill(BackfillRequest request);
  // From here on none begins, and those that other threads have under way end with an error after the range at hand.
  // Waits for them. The Env may go afterwards.
  void end_backfills();

  // A command that changes nothing (find, getMore, aggregate without $out, count, distinct, listCollections,
  // listIndexes, ...). No lease check.
  Document read(const std::string& database, const Document& command, SessionNumber session = 0);

  // Sessions of the code's own, each with a connection of its own; those left open end with the Env. What a session
  // changes in a transaction counts as done when it is committed. Throws Error(Kind::usage) where there is no session
  // of that number, and what Connection throws.
  SessionNumber start_session();
  void end_session(SessionNumber session);  // aborts a transaction that is open; one that ended already is fine
  void begin_transaction(SessionNumber session, const TransactionOptions& options);
  void commit_transaction(SessionNumber session);
  void abort_transaction(SessionNumber session);
  // Of 0: whether the revision itself is transactional.
  bool in_transaction(SessionNumber session) const;

  Document session_id(SessionNumber session);

  // What the server said of itself. No round trip.
  Document hello();
  std::string address();  // "host:port" of it

  // For a driver of the code's own, beside all of this. Throws Error(Kind::usage) where there is no way.
  ServerAccess access();

  // Names, sorted, without system.*, tmp.agg_out.*, and Treering's own (treering_*, _db_version). Asked from the server
  // each time.
  std::vector<std::string> collections();

  // Whether the database has it; of a dry run, whether it would have it by now.
  bool has_collection(const std::string& database, const std::string& name);

  // True where it was created, false where a collection of that name was there (whatever its options).
  bool create_collection(const std::string& name, const Document& options = {});
  // True where it was dropped, false where there was none. `drops`: for_good doesn't keep it in the trash, whatever the
  // configuration says.
  bool drop_collection(const std::string& name, Drops drops = Drops::kept);

  // What was done so far, in order.
  struct Done {
    std::vector<std::string> schema;              // describe_change() of each schema operation
    std::vector<std::string> committed;           // of these, what transactions of the code's own did: in no journal
    std::map<std::string, std::int64_t> written;  // documents inserted, changed or deleted, by namespace
    std::set<std::string> aggregated;             // collections that $out and $merge wrote to, by namespace
    int backfills = 0;                            // how many were begun
    std::set<std::string> backfilled;             // of which collections, by namespace
    std::optional<Operation> refused;             // the last operation, where it was one the server refused
  };
  Done done() const;
  // Of these, what was done through sessions of the code's own: in no transaction of the revision.
  Done done_in_sessions() const;

  // Operations are collected and not carried out.
  bool is_dry_run() const { return surroundings_.preview != nullptr; }
  // They are collected for a script.
  bool is_script() const;
  // The code looked at what only a real run could have told it ("modified_count of update users"): a script says so
  // where an operation comes after it.
  void note_use(const std::string& what);

 private:
  struct Session {
    std::unique_ptr<Connection> connection;
    Done uncommitted;
  };

  enum class Timing { batched, at_once };
  Document apply_locked(const Operation& operation, SessionNumber number, const std::string& place,
                        Drops drops = Drops::kept, Timing timing = Timing::batched);
  Document carry_out(const Operation& operation, SessionNumber number = 0, Drops drops = Drops::kept);
  Document carry_out_journalled(const Operation& operation, SessionNumber number, Drops drops);
  Document carry_out_dry(const Operation& operation, SessionNumber number, Drops drops);
  Document send_operation(const Operation& operation, SessionNumber number);
  Document send_surely(const Operation& operation, const Document& command, Connection& connection);
  Document read_locked(const std::string& database, const Document& command, SessionNumber number);
  Document read_dry(const std::string& database, const Document& command, SessionNumber number);
  Document send(const std::string& database, const Document& command, Connection& connection);
  bool is_of_a_revision() const { return !surroundings_.step.empty() || surroundings_.preview != nullptr; }
  void require_users(const std::string& database, const std::string& collection) const;
  void require_users(const Operation& operation) const;
  void require_batch_in_order();
  void send_waiting(const std::vector<WriteBatch::Group>& groups);
  void send_what_a_read_may_see(const std::string& database, const Document& command);
  void begin_backfill(BackfillRequest& request);
  BackfillPlace backfill_place();
  BackfillReport backfill_dry(const BackfillRequest& request);
  bool has_collection_locked(const std::string& database, const std::string& name);
  void tell_done(const Operation& operation, const Document& reply, SessionNumber number);
  Session& session(SessionNumber number);

  mutable std::mutex mutex_;
  Connection& connection_;
  std::string database_;
  std::function<void()> before_change_;
  EnvSurroundings surroundings_;
  std::map<SessionNumber, Session> sessions_;
  SessionNumber last_session_ = 0;
  std::optional<WriteBatch> batch_;
  std::optional<std::string> batch_refused_;  // where and why the server refused a write of the open batch
  ReadingWatch reading_;
  std::set<std::string> backfills_done_;  // ids of those that came to their end
  int backfills_under_way_ = 0;
  bool backfills_are_over_ = false;
  bool backfill_was_cut_off_ = false;
  std::condition_variable backfill_ended_;
  Done done_;
  Done done_in_sessions_;  // `schema` and `written` of it
};

// Whether a collection of a user's database is Treering's or the server's own: not in env.collections, never in a diff.
bool is_internal_collection(std::string_view name);

}  // namespace treering
