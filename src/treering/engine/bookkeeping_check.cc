// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/bookkeeping_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "treering/base/amount.h"
#include "treering/engine/catalog.h"
#include "treering/engine/left_in_place.h"
#include "treering/engine/store.h"

namespace treering {
namespace {

// Heads, count and digest of the state, and what the records say.
bool agree(const State& state, const std::vector<RevisionRecord>& records) {
  AppliedDigest digest;
  std::set<std::string> ids;
  for (const RevisionRecord& record : records) {
    digest.add(record.revision.id);
    ids.insert(record.revision.id);
  }
  return state.applied.count == static_cast<std::int64_t>(records.size()) && state.applied.digest == digest &&
         std::ranges::all_of(state.applied.heads, [&](const std::string& head) { return ids.contains(head); });
}

// A parent that was put below an applied revision, or whose record is gone.
std::vector<std::string> without_ground(const Graph& files, const Applied& applied) {
  std::vector<std::string> result;
  for (const std::string& id : files.order()) {
    if (!applied.contains(id)) continue;
    const auto missing = [&](const std::string& below) { return !applied.contains(below); };
    if (std::ranges::any_of(files.at(id).parents, missing)) result.push_back(id);
  }
  return result;
}

std::vector<Diagnosis> damages(const std::vector<Error>& damaged, Health health, const char* subject,
                               const std::string& mend) {
  std::vector<Diagnosis> result;
  for (const Error& damage : damaged) result.push_back({health, subject, damage.what(), mend});
  return result;
}

// A stamp to where commands take the database to be writes the state and every record anew.
Diagnosis disagreement(const State& state, std::size_t records, const Catalog& believed) {
  const std::vector<std::string> heads = believed.heads();
  return {Health::problem, "records",
          fmt::format("{} counts {}, at {}, and {} has {} or others", kStateCollection,
                      counted(state.applied.count, "applied revision"), fmt::join(state.applied.heads, ", "),
                      kRevisionsCollection, records),
          fmt::format("find out what the database really has; where it is at {0}: treering stamp {0}",
                      heads.empty() ? "base" : fmt::format("{}", fmt::join(heads, " ")))};
}

}  // namespace

std::vector<Diagnosis> examine_lock(const std::optional<LeaseState>& held) {
  if (held && held->is_held())
    return diagnosis(Health::warning, "lock", "held by " + describe_holder(held->lease),
                     "wait for it (--lock-timeout 60), or, where that process is gone or stuck: treering unlock");
  if (held && held->has_run_out())
    return diagnosis(Health::ok, "lock", "free: " + describe_holder(held->lease) + ", let it run out");
  return diagnosis(Health::ok, "lock", "free");
}

std::vector<Diagnosis> examine_attempt(const std::optional<LeaseState>& held) {
  if (!held || !held->state.attempt) return diagnosis(Health::ok, "attempt", "none is open");
  const Attempt& attempt = *held->state.attempt;
  const Holder& by = held->state.attempt_holder;
  const std::string what =
      fmt::format("the {} of {} by {} (pid {})", attempt.direction, attempt.revision, by.host, by.pid);
  if (held->is_at_work()) return diagnosis(Health::ok, "attempt", what + " is under way");
  return diagnosis(Health::warning, "attempt", what + " was cut off",
                   "treering upgrade current undoes it and does nothing else; so does whatever command writes next");
}

std::vector<Diagnosis> examine_records(Connection& connection, const std::string& database, const Graph& files,
                                       const std::optional<LeaseState>& held) {
  Store store(connection, database);
  if (!held || held->state.fresh) {
    const Catalog found = load_catalog(files, store, held ? std::optional(held->state) : std::nullopt);
    return diagnosis(Health::ok, "records",
                     found.adopted.empty() ? "nothing is applied"
                                           : fmt::format("{} applied by _db_version; the next run takes that over",
                                                         found.adopted.size()));
  }
  const auto [records, damaged] = store.sift_records();
  const Catalog believed = catalog_of(files, held->state, [&known = records] { return known; });
  std::vector<Diagnosis> result =
      damages(damaged, Health::problem, "records",
              "mend that field in mongosh; or, where the file of that revision is there, remove the document, and "
              "treering doctor names the stamp that writes it anew");
  if (damaged.empty() && !held->state.attempt && !agree(held->state, records))
    result.push_back(disagreement(held->state, records.size(), believed));
  for (const RevisionRecord& record : records)
    if (!has_file(files, record.revision.id))
      result.push_back({Health::warning, "records", record.revision.id + " is applied, and no file has it",
                        "get the file from the branch that has it; without it, treering downgrade reverts it from the "
                        "source that was kept"});
  const bool is_whole = damaged.empty();  // else those below may be the damaged ones
  for (const std::string& id : is_whole ? without_ground(files, believed.applied) : std::vector<std::string>{})
    result.push_back({Health::warning, "records", id + " is applied, and a revision below it isn't",
                      "apply it with treering upgrade, or record it with treering stamp " + id});
  if (result.empty())
    result = diagnosis(
        Health::ok, "records",
        records.empty() ? "nothing is applied" : fmt::format("{} applied, and each has its file", records.size()));
  for (const LogEntry& entry : left_in_place(store, believed.applied))
    result.push_back({Health::warning, "attempt", describe_left(entry),
                      fmt::format("mend that by hand, and {} again; or, where the database is as after it, record it "
                                  "with treering stamp",
                                  entry.direction)});
  return result;
}

std::vector<Diagnosis> examine_journal(Connection& connection, const std::string& database,
                                       const std::optional<LeaseState>& held) {
  Store store(connection, database);
  std::vector<Diagnosis> result =
      damages(store.sift_log(0).damaged, Health::warning, "journal",
              "mend that field in mongosh, or remove the document: treering log is all that loses it");
  const std::int64_t parts = store.count_chunks();
  const bool needed = held && held->state.attempt && held->state.chunks > 0;
  if (parts > 0 && !needed)
    result.push_back(
        {Health::warning, "journal",
         fmt::format("{} of a journal in {} that no open attempt needs", counted(parts, "part"), kStateCollection),
         fmt::format("while nobody migrates, in mongosh: db.{}.deleteMany({{\"_id.run\": {{$exists: true}}}})",
                     kStateCollection)});
  return result.empty() ? diagnosis(Health::ok, "journal", "nothing is left over") : result;
}

}  // namespace treering
