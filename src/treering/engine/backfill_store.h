// SPDX-License-Identifier: Apache-2.0
// treering_backfills: one document a backfill (where it is), and one for each range that somebody took
// (docs/format.md).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "treering/engine/backfill_documents.h"
#include "treering/engine/key_walk.h"
#include "treering/engine/port/database.h"

namespace treering {

struct BackfillCount {
  std::int64_t ranges = 0;
  std::int64_t open = 0;  // taken and not done
  std::int64_t found = 0;
  std::int64_t changed = 0;
};

// A runner's process is gone when another runner holds the lease; a helper's may live on.
enum class BackfillWorker { runner, helper };

// Borrows the connection; for one thread, as that is.
class BackfillStore {
 public:
  BackfillStore(Connection& connection, std::string database, std::string owner, BackfillWorker kind);

  // What an earlier run of it noted; nothing where there was none.
  struct Begun {
    BackfillJob job;  // as it was then
    bool ended = false;
  };
  std::optional<Begun> begun(const BackfillJob& job);
  // Notes the backfill, and forgets what is noted of others by its name. False where somebody whose lease is over noted
  // it just now.
  bool begin(const BackfillJob& job);
  // Ranges that an earlier run of the revision left open are anybody's at once: its process is gone.
  void free_ranges_of_runners(const std::string& job);
  void end(const std::string& job, const BackfillCount& sums);
  std::vector<BackfillJob> open_jobs();

  // The next range that nobody works on, now ours for a minute; in the end those whose owner died. Nothing where all
  // are taken or done. REQUIRES: always the same job, for `keys` as well.
  std::optional<BackfillRange> take(const BackfillJob& job, KeyWalk& keys);
  // Notes that a range is done. False, and nothing was noted, where it isn't ours any more.
  bool finish(const BackfillRange& range, std::int64_t found, std::int64_t changed);
  // Gives a range back that is still ours and isn't done: anybody may take it at once.
  void free(const BackfillRange& range);
  BackfillCount count(const std::string& job);

  // Forgets the backfills whose id starts with one of these and a colon.
  void forget(const std::vector<std::string>& steps);

  // Forgets the backfills of a collection that is about to go. From then on no helper changes one that gets its name.
  void forget_of(const std::string& collection);

  // As BackfillJob has it.
  std::string uuid_of(const std::string& collection);

 private:
  struct Place {
    std::int64_t number = 0;  // of the range that comes next
    Document next;            // where it begins
  };

  std::optional<Place> place_of(const BackfillJob& job);
  Document claim_statement(const BackfillRange& range);
  enum class Cut { taken, ours, ours_and_moved };  // somebody else had it; moved: and the place, by ourselves
  Cut cut(const BackfillJob& job, std::int64_t number, const BackfillRange& range);
  bool came_too_late(const BackfillJob& job, std::int64_t number);
  void give_back(const BackfillRange& range);
  std::optional<BackfillRange> move_past(const BackfillJob& job, std::int64_t number, const Document& range);
  std::optional<BackfillRange> take_over(const BackfillJob& job);
  std::optional<BackfillRange> cut_off(const BackfillJob& job, KeyWalk& walk);
  std::optional<Document> noted(const std::string& job);
  std::set<std::string> noted_as(std::string_view name);
  void forget_job(const std::string& job);
  void end_session(const Document& session);
  Document write(const Document& command);
  Document update(const Document& query, const Document& change);

  Connection& connection_;
  std::string database_;
  std::string owner_;
  BackfillWorker kind_;
  std::optional<Place> place_;
};

}  // namespace treering
