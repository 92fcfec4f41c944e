// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/settle.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace treering {
namespace {

void note(Project& project, const std::string& line) {
  if (project.observer != nullptr) project.observer->note(line);
}

// Of a stamp nobody can tell: its records are all written, or only some of them.
bool had_ended(const Attempt& attempt, const Catalog& catalog) {
  const bool recorded = catalog.applied.contains(attempt.revision);
  if (attempt.direction == to_string(Direction::upgrade)) return recorded;
  return attempt.direction == to_string(Direction::downgrade) && !recorded;
}

std::string advice(const Attempt& attempt) {
  return attempt.direction == "stamp" ? "see treering current, and stamp again"
                                      : "look at what it left, it may have done a part of its work";
}

}  // namespace

LogEntry log_entry(const Attempt& attempt, const Holder& holder) {
  LogEntry entry;
  entry.revision = attempt.revision;
  entry.direction = attempt.direction;
  entry.started_ms = attempt.started_ms;
  entry.host = holder.host;
  entry.pid = holder.pid;
  entry.user = holder.user;
  entry.run = holder.run;
  return entry;
}

void journal_dead_attempt(Project& project, Store& store, const Catalog& catalog, const State& state) {
  if (!state.attempt) return;
  LogEntry entry = log_entry(*state.attempt, state.attempt_holder);
  if (store.is_logged(entry)) return;  // it died, or lost the server, between its entry and its last write
  const bool ended = had_ended(*state.attempt, catalog);
  entry.outcome = ended ? "done" : "unknown";
  if (!ended) entry.error = "the process ended in the middle of it";
  store.write_log(entry);
  if (!ended)
    note(project, fmt::format("the {} of {} by {} (pid {}) was cut off: {}", entry.direction, entry.revision,
                              entry.host, entry.pid, advice(*state.attempt)));
}

void write_adopted(Project& project, Store& store, const Catalog& catalog) {
  if (catalog.adopted.empty()) return;
  store.write_records(adopted_records(catalog, store, *project.files), project.settings.me);
  note(project, fmt::format("adopted {} revision(s) from _db_version: {}", catalog.adopted.size(),
                            fmt::join(catalog.adopted, ", ")));
}

}  // namespace treering
