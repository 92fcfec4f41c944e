// SPDX-License-Identifier: Apache-2.0
// Treering's bookkeeping in one database: the lease, what is applied, the record of each applied revision, the journal.
// Every change of the state document is conditional on the lease's epoch, so that a runner that lost its lease changes
// nothing. Bookkeeping is written with majority write concern and journalled; records
// that are written in a transaction of the connection are as durable as that. Not synchronised: as its connection, for
// one thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "treering/base/error.h"
#include "treering/engine/port/database.h"
#include "treering/engine/report.h"
#include "treering/engine/state.h"

namespace treering {

// Majority write concern with journal: what is told to be done must outlive a failover.
Document durable();

// What a collection of ours holds, and what is wrong with each of its documents that doesn't hold what was written.
template <typename Value>
struct Sifted {
  std::vector<Value> sound;
  std::vector<Error> damaged;
};

class Store {
 public:
  // Borrows the connection.
  Store(Connection& connection, std::string database) : connection_(connection), database_(std::move(database)) {}

  // Nothing where this database was never migrated by Treering.
  std::optional<State> read_state();
  // The state document with `now`, the server's time, beside its fields; empty where there is none.
  Document read_state_document();

  // Takes the lease if nobody holds it or its time ran out by the server's clock. Gives the state with our new epoch,
  // or who holds it. Creates the state document where there is none. Source of the form: `$$NOW` is the server's time
  // (MongoDB manual, "NOW").
  // `sessions`: ours (Connection::fenceable_sessions). Those of the runner before, where it didn't give the lease back,
  // go to the state's `fence`.
  std::variant<State, LeaseView> take_lease(const Holder& me, std::chrono::milliseconds lease,
                                            const std::vector<Document>& sessions);

  // Each gives false, and has changed nothing, where the epoch isn't the lease's any more.
  bool renew_lease(std::int64_t epoch, std::chrono::milliseconds lease);
  // One write: what is applied now, and what is begun next (nothing: no attempt is open).
  // `sessions`: more of ours.
  bool advance(std::int64_t epoch, const AppliedState& applied, const std::optional<Attempt>& next, const Holder& me,
               const std::vector<Document>& sessions = {});
  bool add_sessions(std::int64_t epoch, const std::vector<Document>& sessions);
  // Has the server refuse what still comes from that session (Connection::fence).
  bool fence(std::int64_t epoch, const Document& session);
  bool forget_fence(std::int64_t epoch);
  // Sets fields of the open attempt, by their paths in the state document; in the same command, and before that, moves
  // a part of its journal out of there. Where it gives false the part may be written all the same: nobody looks for it.
  bool write_down(std::int64_t epoch, const Document& fields, const std::optional<JournalChunk>& moved = {});
  // One write: what is applied now; no attempt is open; the lease is free.
  bool release(std::int64_t epoch, const AppliedState& applied);
  // Frees the lease and leaves everything else as it is, an open attempt included.
  bool free_lease(std::int64_t epoch);
  // Takes the lease from its holder: it is free, and whoever had it can change no bookkeeping any more.
  bool break_lease(std::int64_t epoch);

  // The open attempt's journal, as far as the state document doesn't hold it.
  // Gives the operations of the chunks 1 to last.number, in order. Throws Error(Kind::server) where one is missing.
  std::vector<JournalledOperation> read_chunks(const JournalChunk& last);
  // Those of one run, whose attempts need them no more: of others' none, should this write come late.
  void delete_chunks(const std::string& run);
  std::int64_t count_chunks();  // of everybody

  void write_record(const RevisionRecord& record, const Holder& me);
  void write_records(const std::vector<RevisionRecord>& records, const Holder& me);
  // One after the other, in the order given (as write_records): what is left after a crash in the middle is what a
  // prefix leaves.
  void delete_records(const std::vector<std::string>& ids);
  // In no order, without sources. The first throws for a damaged one.
  std::vector<RevisionRecord> read_records();
  Sifted<RevisionRecord> sift_records();
  std::optional<RevisionRecord> read_record(const std::string& id);  // with its source

  // Each with an _id of its own, {epoch, n}: what is sent twice, its reply having been lost, is there once. The same
  // holds where this threw, and is called again with these entries and perhaps more behind them.
  void write_log(std::int64_t epoch, const std::vector<LogEntry>& entries);
  Sifted<LogEntry> sift_log(std::size_t limit);               // newest first; 0: all
  std::vector<LogEntry> read_log_of(const std::string& run);  // of one run, in no order; throws for a damaged one
  // Where the last attempt at a revision couldn't undo all that it did: that attempt. Newest first, without damaged
  // ones.
  std::vector<LogEntry> read_log_of_left();

  // Versions of the Python system's `_db_version`, in the order they were applied. Empty where there is none.
  struct ForeignVersion {
    std::string id;
    std::int64_t applied_ms = 0;
  };
  std::vector<ForeignVersion> read_foreign_versions();

 private:
  bool update_state(std::int64_t epoch, const Document& update, const std::vector<Document>& before = {});
  std::int64_t first_epoch();
  void create_state();
  void write(const Document& command);

  Connection& connection_;
  std::string database_;
  std::int64_t logged_ = 0;
};

}  // namespace treering
