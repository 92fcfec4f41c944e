// SPDX-License-Identifier: Apache-2.0
// A long change of data, batch by batch: it can be stopped and goes on where it stopped, and several threads and
// processes can share it. What is done stands in treering_backfills (docs/format.md).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "treering/base/document.h"
#include "treering/engine/port/clock.h"
#include "treering/engine/port/database.h"
#include "treering/engine/project.h"

namespace treering {

// From a document to its change, {"u": ...}, or nothing where it stays. Called on the threads of the workers.
using DocumentCode = std::function<std::optional<Document>(const Document&)>;

struct BackfillRequest {
  std::string id;    // "20241210120000:upgrade:users:0": a later run of it on the same collection finds it again
  std::string name;  // in the place of the number at the end of that, where a backfill is to be told from earlier ones
  std::string collection;
  Document filter;            // which documents; {} for all
  std::string key = "_id";    // what the collection is walked by; wants an index, and single values
  std::int64_t batch = 1000;  // documents in one step
  std::int64_t workers = 1;   // threads, each with a connection of its own
  double max_rate = 0;        // documents a second, of all threads of this process together; 0: as fast as it goes
  // {"u": update document or pipeline}, carried out by the server; empty where `code` decides.
  Document change;
  DocumentCode code;
};

struct BackfillReport {
  std::int64_t found = 0;    // documents that the filter meant
  std::int64_t changed = 0;  // of these
  bool resumed = false;      // an earlier run had begun it; its documents are counted in
  std::int64_t before = 0;   // of those that are changed, how many the earlier run had changed
};

// Where a backfill works.
struct BackfillPlace {
  Server* server = nullptr;
  Clock* clock = nullptr;
  Observer* observer = nullptr;  // may be nullptr
  std::string database;
  std::string owner;  // unique to this process
  // Both are called by one thread at a time, and may be empty.
  std::function<void()> before_change;                                     // throws where the run may not go on
  std::function<void(const std::vector<Document>&)> session_started = {};  // as in EnvSurroundings
  std::function<void(std::int64_t)> after_change = {};  // documents that were changed, and are noted as done
};

// Threads of one process at a backfill, each with a connection of its own.
inline constexpr std::int64_t kMostWorkers = 64;
constexpr bool can_be_workers(std::int64_t workers) { return workers >= 1 && workers <= kMostWorkers; }

// Throws Error(Kind::usage) for a request that can't be.
void require_backfill(const BackfillRequest& request);

// Throws Error(Kind::usage) for what no backfill can change: a view, a time series, and in transactions a capped
// collection. `type` and `options`: as listCollections has them. Source: MongoDB's manual, "Transactions
// and Operations", "Time Series Collection Limitations".
void require_can_be_backfilled(const std::string& collection, const std::string& type, const Document& options,
                               bool in_transactions);

// What an earlier run noted of this backfill; nothing where there was none. Changes nothing. Throws Error(Kind::usage)
// where it was another one under the same id.
struct BegunBackfill {
  BackfillReport report;
  std::optional<std::int64_t> total;  // documents that the filter meant when it began
};
std::optional<BegunBackfill> begun_backfill(Connection& connection, const std::string& database,
                                            const BackfillRequest& request);

// Changes every document that the filter means, each once: a batch and the note that it is done are one transaction.
// On a server without transactions a process that is killed between the two leaves a batch that is changed again by
// the next: there the filter should leave out what is changed already.
// Documents that come into the collection behind the place where it is are not seen.
// Throws Error: usage for a request that can't be, or that isn't the one which an earlier run began under its id, and
// what the server refuses; what was done stays done, and noted.
BackfillReport backfill(const BackfillPlace& place, const BackfillRequest& request);

// Helps with backfills that other processes have under way in this database, and that the server carries out (no
// `code`), until none is left. Gives how many documents it changed. `max_rate`: as in BackfillRequest, of this process
// alone. Throws Error(Kind::usage) for a number of workers that can't be.
struct WorkReport {
  std::int64_t backfills = 0;
  std::int64_t found = 0;
  std::int64_t changed = 0;
};
WorkReport work_on_backfills(const BackfillPlace& place, std::int64_t workers, double max_rate = 0);

// What is told of a backfill of a collection that isn't there.
std::string no_collection_to_backfill(const std::string& collection);

// Forgets what is noted of backfills of a collection that is about to be taken away. Else a helper that comes late
// could change another one, which gets its name.
void forget_backfills_of(Connection& connection, const std::string& database, const std::string& collection);

// Forgets what is noted of the backfills of these revisions (or, outside of one, of these runs). One command.
void forget_backfills(Connection& connection, const std::string& database, const std::vector<std::string>& revisions);

}  // namespace treering
