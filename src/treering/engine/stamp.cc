// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "treering/base/error.h"
#include "treering/engine/catalog.h"
#include "treering/engine/lease.h"
#include "treering/engine/migrate.h"
#include "treering/engine/store.h"

namespace treering {
namespace {

struct Difference {
  std::vector<std::string> added;
  std::vector<std::string> removed;
};

Difference difference(const Applied& before, const Applied& after) {
  Difference result;
  std::ranges::set_difference(after, before, std::back_inserter(result.added));
  std::ranges::set_difference(before, after, std::back_inserter(result.removed));
  return result;
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

void write_stamp(Project& project, Store& store, const Catalog& catalog, const Difference& change, const std::vector<std::string>& targets) {
  store.write_records(records_of(change.added, catalog, project), project.settings.me);
  store.delete_records(change.removed);
  const Holder& me = project.settings.me;
  LogEntry entry;
  entry.revision = fmt::format("{}", fmt::join(targets, ", "));
  entry.direction = "stamp";
  entry.outcome = "done";
  entry.started_ms = project.clock->now_ms();
  entry.host = me.host;
  entry.pid = me.pid;
  entry.user = me.user;
  entry.run = me.run;
  store.write_log(entry);
}

// With `purge`, revisions that no file has are forgotten before anything is planned, so that a target can't be one of them.
Applied planned(Catalog& catalog, const Graph& files, const std::vector<std::string>& targets, bool purge, TargetRules rules) {
  if (purge) catalog.graph = files;
  return plan_stamp(catalog.graph, catalog.applied, targets, purge, rules);
}

}  // namespace

RunReport stamp(Project& project, const std::vector<std::string>& targets, bool purge) {
  const std::int64_t start_us = project.clock->monotonic_us();
  const TargetRules rules{.strict_heads = project.settings.strict_heads};
  const Graph files = load_graph(*project.files);
  auto connection = project.server->connect();
  Store store(*connection, project.settings.database);
  Catalog catalog = load_catalog(files, store, store.read_state());
  planned(catalog, files, targets, purge, rules);  // a wrong target is refused before the lease is taken

  Lease lease(project, store);
  catalog = load_catalog(files, store, lease.state());
  // What was adopted has no records of ours yet: all of it is written that stays applied.
  const Applied before = catalog.adopted.empty() ? catalog.applied : Applied{};
  const Applied after = planned(catalog, files, targets, purge, rules);
  const Difference change = difference(before, after);
  write_stamp(project, store, catalog, change, targets);
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
