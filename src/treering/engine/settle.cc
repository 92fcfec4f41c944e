// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/settle.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "treering/base/amount.h"
#include "treering/base/planted_flaw.h"
#include "treering/engine/backfill.h"
#include "treering/engine/undo.h"
#include "treering/history/naming.h"

namespace treering {
namespace {

// Of a stamp nobody can tell: its records are all written, or only some of them.
bool had_ended(const Attempt& attempt, const Catalog& catalog) {
  const bool recorded = catalog.applied.contains(attempt.revision);
  if (planted(Flaw::open_attempt_taken_for_done)) return true;
  if (attempt.direction == to_string(Direction::upgrade)) return recorded;
  return attempt.direction == to_string(Direction::downgrade) && !recorded;
}

// Its code and its record are one: what isn't recorded left nothing.
bool is_transactional(const Project& project, const Catalog& catalog, const State& state) {
  const bool has_journal = state.chunks > 0 || !state.operations.empty();  // then it wasn't when it ran
  const Revision* revision = catalog.graph.find(state.attempt->revision);
  return !has_journal && revision != nullptr && revision->transactional.value_or(project.settings.transactional);
}

std::string what_now(const Attempt& attempt, const Undone& result, bool transactional) {
  if (attempt.direction == "stamp") return "see treering current, and stamp again";
  if (transactional) return "its transaction was not committed, so nothing of it stays";
  std::string text;
  constexpr std::size_t kToldHere = 5;  // treering log has all
  if (!result.undone.empty()) text += fmt::format("undone: {}; ", listed(result.undone, kToldHere));
  if (!result.left.empty()) text += fmt::format("left in place: {}; ", fmt::join(result.left, ", "));
  return text + "documents that it wrote stay as they are";
}

// What a dead runner's attempt did to collections and indexes, as its journal tells it.
Undone undo_attempt(Project& project, Connection& connection, Store& store, Lease& lease) {
  const State& state = lease.state();
  UndoRequest request;
  request.database = project.settings.database;
  request.left = state.left;
  if (state.undone == 1) return {{}, request.left, {}};
  request.entries = store.read_chunks({state.attempt_holder.run, state.attempt->started_ms, state.chunks, {}});
  request.entries.insert(request.entries.end(), state.operations.begin(), state.operations.end());
  std::erase_if(request.entries,
                [&](const JournalledOperation& entry) { return state.undone > 0 && entry.number >= state.undone; });
  request.trashed_as = {"", "", project.clock->now_ms(), state.attempt->revision, Direction::upgrade, true};
  request.drops = drops_with(project.settings.trash);
  return undo(lease, connection, request);
}

// Entries wait for each other before they are written (journal.h); the records of a run say what it had finished.
std::vector<LogEntry> finished_but_not_logged(Store& store, const State& state, std::vector<LogEntry> logged) {
  std::erase_if(logged, [](const LogEntry& entry) { return entry.outcome != "done"; });
  const std::string upgrade(to_string(Direction::upgrade));
  std::vector<LogEntry> missing;
  for (const RevisionRecord& record : store.read_records()) {
    if (record.run != state.attempt_holder.run || record.how != upgrade) continue;
    LogEntry entry = log_entry({record.revision.id, upgrade, record.started_ms}, state.attempt_holder);
    entry.outcome = "done";
    entry.duration_us = record.duration_us;
    if (!is_among(logged, entry)) missing.push_back(std::move(entry));
  }
  return missing;
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

bool is_among(const std::vector<LogEntry>& entries, const LogEntry& wanted) {
  return std::ranges::any_of(entries, [&](const LogEntry& entry) {
    return entry.revision == wanted.revision && entry.direction == wanted.direction &&
           entry.started_ms == wanted.started_ms;
  });
}

void settle_open_attempt(Project& project, Connection& connection, Store& store, Lease& lease, const Catalog& catalog) {
  const State& state = lease.state();
  if (!state.attempt) return;
  const bool ended = had_ended(*state.attempt, catalog);
  if (ended) forget_backfills(connection, project.settings.database, {state.attempt->revision});
  std::vector<LogEntry> logged = store.read_log_of(state.attempt_holder.run);
  std::vector<LogEntry> missing = finished_but_not_logged(store, state, logged);
  logged.insert(logged.end(), missing.begin(), missing.end());
  LogEntry entry = log_entry(*state.attempt, state.attempt_holder);
  if (!is_among(logged, entry)) {  // else it died, or lost the server, between its entry and its last write
    entry.outcome = ended ? "done" : "unknown";
    if (!ended) {
      entry.error = "it was cut off: its process ended, or couldn't reach the server any more";
      const Undone result = undo_attempt(project, connection, store, lease);
      entry.undone = result.undone;
      entry.left = result.left;
      if (!result.undone.empty() && result.left.empty()) entry.outcome = "undone";
      note(project,
           fmt::format("the {} of {} by {} (pid {}) was cut off: {}", entry.direction, entry.revision, entry.host,
                       entry.pid, what_now(*state.attempt, result, is_transactional(project, catalog, state))));
    }
    missing.push_back(std::move(entry));
  }
  if (!missing.empty()) store.write_log(state.epoch, missing);
  // It may have died between a part of its journal and the state that tells of it.
  if (state.chunks > 0 || !state.operations.empty()) store.delete_chunks(state.attempt_holder.run);
}

void write_adopted(Project& project, Store& store, const Catalog& catalog) {
  if (catalog.adopted.empty()) return;
  store.write_records(adopted_records(catalog, store, *project.files), project.settings.me);
  note(project, fmt::format("adopted {}, as {} is at {}: {}", counted(std::ssize(catalog.adopted), "revision"),
                            kForeignCollection, fmt::join(catalog.heads(), ", "), fmt::join(catalog.adopted, ", ")));
}

}  // namespace treering
