// SPDX-License-Identifier: Apache-2.0
// The dry run's side of an Env: operations are collected instead of sent. Reads are the server's own; what an operation
// gives back is what the server would plausibly have given.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "treering/engine/estimate.h"
#include "treering/engine/report.h"
#include "treering/engine/shadow.h"

namespace treering {

// One of these for a whole dry run: what one revision creates is there for the next. Not synchronised.
class Preview {
 public:
  explicit Preview(Connection& connection) : connection_(connection), shadow_(connection) {}

  // Collects the operation and gives a plausible reply. Throws ServerError where the server would surely refuse.
  Document apply(const Operation& operation);

  // The reply to a command that changes nothing.
  Document read(const std::string& database, const Document& command);

  // A backfill is one operation: an update, or, where there is no `change`, nothing that a script could hold. Gives how
  // many documents it would look at.
  std::int64_t backfill(const std::string& database, const std::string& collection, const Document& filter,
                        const Document& change);

  bool has_collection(const std::string& database, const std::string& collection);

  // What was collected since the last call.
  struct Collected {
    std::vector<PlannedOperation> planned;
    std::vector<Operation> operations;
    std::vector<std::string> reads;  // before an operation, perhaps the reason for it: "find users", each once
  };
  Collected take();

 private:
  Document apply_schema(const Operation& operation);
  struct Tally;
  struct WriteTally;
  Document apply_write(const Operation& operation, const Write& write);
  Document apply_insert(const Operation& operation, const Write& write);
  void look_at(const Operation& operation, const Write& write, std::size_t index, WriteTally& seen);
  void note_upsert(const std::string& database, const std::string& collection, std::size_t index, const Document& id,
                   WriteTally& seen);
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
  // The same, into `planned`: the number, or a note why there is none.
  void estimate(PlannedOperation& planned, const std::string& database, const std::string& collection,
                const Query& query);

  Connection& connection_;
  Shadow shadow_;
  std::map<std::string, std::string> access_;  // by collection and shape
  std::set<std::string> known_commands_;       // that the server has
  Collected collected_;
  std::size_t writes_from_ = 0;      // of collected_.planned: the writes since the schema last changed
  std::vector<std::string> shapes_;  // of the filters of these
  std::vector<std::string> read_;    // since the last operation
};

}  // namespace treering
