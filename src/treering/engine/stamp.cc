// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "treering/base/error.h"
#include "treering/engine/catalog.h"
#include "treering/engine/lease.h"
#include "treering/engine/migrate.h"
#include "treering/engine/settle.h"
#include "treering/engine/store.h"

namespace treering {
namespace {

// The records that a stamp adds, lowest first, and removes, highest first: after a crash between two writes, what is
// recorded is closed under parents as ever.
struct Difference {
  std::vector<std::string> added;
  std::vector<std::string> removed;
};

// `recorded`: by the records one by one. What the state says may differ, where somebody lost some; the stamp mends
// that.
Difference difference(const Graph& graph, const Applied& recorded, const Applied& after) {
  Difference result;
  for (const std::string& id : graph.order()) {
    if (after.contains(id) && !recorded.contains(id)) result.added.push_back(id);
    if (recorded.contains(id) && !after.contains(id)) result.removed.push_back(id);
  }
  for (const std::string& id : recorded)
    if (!graph.contains(id)) result.removed.push_back(id);
  std::ranges::reverse(result.removed);
  return result;
}

Applied ids_of(const std::vector<RevisionRecord>& records) {
  Applied ids;
  for (const RevisionRecord& record : records) ids.insert(record.revision.id);
  return ids;
}

std::vector<RevisionRecord> records_of(const std::vector<std::string>& ids, const Catalog& catalog, Project& project) {
  std::vector<RevisionRecord> records;
  for (const std::string& id : ids) {
    RevisionRecord record;
    record.revision = catalog.graph.at(id);
    record.revision.depends_on = catalog.graph.dependencies(id);
    if (!record.revision.path.empty()) record.source = project.files->read(record.revision.path);
    record.applied_ms = project.clock->now_ms();
    record.how = "stamp";
    record.run = project.settings.me.run;
    records.push_back(std::move(record));
  }
  return records;
}

// Told to the state as an attempt before the first record changes, so that whoever comes after a crash reads the
// records one by one.
void write_stamp(Project& project, Store& store, Lease& lease, const AppliedState& before, const Catalog& catalog,
                 const Difference& change, const std::vector<std::string>& targets) {
  const Attempt attempt{fmt::format("{}", fmt::join(targets, ", ")), "stamp", project.clock->now_ms()};
  const std::vector<RevisionRecord> records = records_of(change.added, catalog, project);
  lease.require();
  lease.advance(before, attempt);
  if (!records.empty()) store.write_records(records, project.settings.me);
  store.delete_records(change.removed);
  LogEntry entry = log_entry(attempt, project.settings.me);
  entry.outcome = "done";
  store.write_log(lease.state().epoch, {entry});
}

// With `purge`, revisions that no file has are forgotten before anything is planned, so that a target can't be one of
// them.
Applied planned(Catalog& catalog, const Graph& files, const std::vector<std::string>& targets, bool purge,
                TargetRules rules) {
  if (purge) catalog.graph = files;
  return plan_stamp(catalog.graph, catalog.applied, targets, purge, rules);
}

}  // namespace

RunReport stamp(Project& project, const std::vector<std::string>& targets, bool purge) {
  const std::int64_t start_us = project.clock->monotonic_us();
  const TargetRules rules{.strict_heads = project.settings.strict_heads};
  const Graph files = load_graph_with_applied(project);
  auto connection = project.server->connect();
  Store store(*connection, project.settings.database);
  Catalog catalog = load_catalog(files, store, store.read_state(), LostState::believe_records);
  planned(catalog, files, targets, purge, rules);  // a wrong target is refused before the lease is taken

  Lease lease(project, store, *connection);
  catalog = load_catalog(files, store, lease.state(), LostState::believe_records);
  settle_open_attempt(project, *connection, store, lease, catalog);
  write_adopted(project, store, catalog);
  const AppliedState before = catalog.state();
  const Applied after = planned(catalog, files, targets, purge, rules);
  const Difference change = difference(catalog.graph, ids_of(store.read_records()), after);
  write_stamp(project, store, lease, before, catalog, change, targets);
  catalog.applied = after;
  lease.release(catalog.state());

  RunReport report;
  report.heads = catalog.heads();
  report.at_head = std::ranges::all_of(files.order(), [&](const std::string& id) { return after.contains(id); });
  for (const auto& [id, record] : catalog.unknown)
    if (after.contains(id)) report.unknown.push_back(id);
  for (const std::string& id : change.added) {
    StepReport step;
    step.revision = id;
    step.message = catalog.graph.at(id).message;
    report.done.push_back(std::move(step));
  }
  for (const std::string& id : change.removed) {
    StepReport step;
    step.revision = id;
    step.direction = Direction::downgrade;
    if (const Revision* revision = catalog.graph.find(id)) step.message = revision->message;
    report.done.push_back(std::move(step));
  }
  report.duration_us = project.clock->monotonic_us() - start_us;
  return report;
}

}  // namespace treering
