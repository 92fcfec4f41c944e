// SPDX-License-Identifier: Apache-2.0
// The dry run's side of an Env: operations are collected instead of sent. Reads are the server's own; what an operation
// gives back is what the server would plausibly have given.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "treering/engine/backfill.h"
#include "treering/engine/changed_documents.h"
#include "treering/engine/estimate.h"
#include "treering/engine/report.h"
#include "treering/engine/shadow.h"
#include "treering/engine/trash.h"

namespace treering {

// What operations are collected for. The drops of a script are for good, and where what it writes comes from what its
// revisions were told, it says so.
enum class Purpose { dry_run, script };

// One of these for a whole dry run: what one revision creates is there for the next. Not synchronised.
class Preview {
 public:
  // `database`: the one that is migrated; `drops`: of the configuration.
  Preview(Connection& connection, std::string database, Drops drops, Purpose purpose)
      : connection_(connection),
        database_(std::move(database)),
        drops_(drops),
        purpose_(purpose),
        shadow_(connection) {}

  // Collects the operation and gives a plausible reply. `drops`: of the call. Throws ServerError where the server would
  // surely refuse. `session`: which of the code's own it goes through; 0: none.
  Document apply(const Operation& operation, Drops drops = Drops::kept, int session = 0);

  // From here on what goes through that session is in a transaction: given up where it is aborted, or where it is still
  // open when take is called.
  void begin_transaction(int session);
  void commit_transaction(int session) { savepoints_.erase(session); }
  void abort_transaction(int session);

  // The reply to a command that changes nothing.
  Document read(const std::string& database, const Document& command);

  // A backfill is one operation: an update, or, where there is no `change`, nothing that a script could hold. `begun`:
  // what an earlier run did of it. Gives how many documents it would look at, with those. Throws Error(Kind::usage)
  // for a script of one that was begun: it would change documents again.
  std::int64_t backfill(const std::string& database, const std::string& collection, const Document& filter,
                        const Document& change, const std::optional<BegunBackfill>& begun);

  bool has_collection(const std::string& database, const std::string& collection);

  Purpose purpose() const { return purpose_; }
  // The collections and indexes that there would be by now.
  const Shadow& shadow() const { return shadow_; }

  // The code was told this, and a later operation may come from it: "find users".
  void note_use(std::string what);
  // The code went by all of this, with a driver of its own.
  void note_access();

  // What was collected since the last call.
  struct Collected {
    std::vector<PlannedOperation> planned;
    std::vector<Operation> operations;
    std::set<std::size_t> trashed;  // which of these drop what Treering itself would keep in the trash
    // What the code was told before an operation, perhaps the reason for it, each once: "find users",
    // "modified_count of update users"
    std::vector<std::string> reads;
  };
  Collected take();

 private:
  // How it was before a transaction began, and what went past it since.
  struct Savepoint {
    Shadow shadow;
    std::map<std::pair<std::string, std::string>, ChangedDocuments> changed;
    Collected collected;
    std::size_t writes_from = 0;
    std::vector<std::string> shapes;
    std::vector<std::pair<Operation, Drops>> outside;
  };

  Document carry_out(const Operation& operation, const std::string& trashed);
  Document apply_schema(const Operation& operation, const std::string& trashed);
  std::string trashed_by(const Operation& operation, Drops drops);
  struct Tally;
  struct WriteTally;
  Document apply_write(const Operation& operation, const Write& write);
  Document apply_insert(const Operation& operation, const Write& write);
  void look_at(const Operation& operation, const Write& write, std::size_t index, WriteTally& seen);
  void note_upsert(const std::string& database, const std::string& collection, std::size_t index, const Document& id,
                   WriteTally& seen);
  ChangedDocuments& changed(const std::string& database, const std::string& collection);
  void follow_collections(const Operation& operation);
  std::int64_t add_tallies(WriteTally& seen);
  Document apply_command(const Operation& operation, const RunCommand& run);
  void require_known_command(const std::string& database, const Document& command);
  Document find_and_modify(const Operation& operation, const Document& command);
  Document aggregate_into(const Operation& operation, const Document& command);
  void note_read(const Document& command);
  void take_reads();
  void add_schema(PlannedOperation planned);
  void add_write(PlannedOperation planned);
  PlannedOperation described(const Operation& operation) const;
  // How it would be found, asked once for filters of one shape.
  std::string access(const std::string& database, const std::string& collection, const Query& query);
  // Without a hint that only an index has which is not built yet. Throws ServerError where no index would have it.
  Query with_usable_hint(const std::string& database, const std::string& collection, Query query);
  // How many documents it means. Throws ServerError where the server would refuse the filter.
  Count count(const std::string& database, const std::string& collection, const Query& query);
  // The same, into `planned`: the number and whether it is exact, or a note why there is none.
  void estimate(PlannedOperation& planned, const std::string& database, const std::string& collection,
                const Query& query);

  Connection& connection_;
  std::string database_;
  Drops drops_;
  Purpose purpose_;
  Shadow shadow_;
  std::map<std::pair<std::string, std::string>, ChangedDocuments> changed_;  // by database and collection
  std::map<std::string, std::string> access_;                                // by collection and shape
  std::set<std::string> known_commands_;                                     // that the server has
  Collected collected_;
  std::size_t writes_from_ = 0;          // of collected_.planned: the writes since the schema last changed
  std::vector<std::string> shapes_;      // of the filters of these
  std::vector<std::string> read_;        // since the last operation
  std::map<int, Savepoint> savepoints_;  // by session
};

}  // namespace treering
