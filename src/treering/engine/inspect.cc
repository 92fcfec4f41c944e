// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/inspect.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "treering/base/amount.h"
#include "treering/base/error.h"
#include "treering/engine/catalog.h"
#include "treering/engine/lease_state.h"
#include "treering/engine/left_in_place.h"
#include "treering/engine/settle.h"
#include "treering/engine/store.h"
#include "treering/history/target.h"

namespace treering {
namespace {

// A look at the database: what is applied, with when.
struct Look {
  Catalog catalog;
  std::map<std::string, std::int64_t> applied_ms;
};

Look look_at_database(Project& project, Graph files) {
  auto connection = project.server->connect();
  Store store(*connection, project.settings.database);
  Look look;
  look.catalog = load_catalog(std::move(files), store, store.read_state());
  for (const RevisionRecord& record : store.read_records()) look.applied_ms[record.revision.id] = record.applied_ms;
  return look;
}

RevisionReport report_on(const Graph& graph, const std::string& id, const std::set<std::string>& heads) {
  RevisionReport report;
  report.revision = graph.at(id);
  report.head = heads.contains(id);
  report.branch_point = graph.is_branch_point(id);
  report.merge_point = graph.is_merge_point(id);
  report.children = graph.children(id);
  report.dependencies = graph.dependencies(id);
  const auto& labels = graph.labels(id);
  report.labels.assign(labels.begin(), labels.end());
  return report;
}

void add_database(RevisionReport& report, const Look& look, const std::set<std::string>& current) {
  const std::string& id = report.revision.id;
  report.applied = look.catalog.applied.contains(id);
  report.current = current.contains(id);
  report.in_files = !look.catalog.unknown.contains(id);
  if (auto found = look.applied_ms.find(id); found != look.applied_ms.end()) report.applied_at_ms = found->second;
}

std::set<std::string> as_set(const std::vector<std::string>& ids) { return {ids.begin(), ids.end()}; }

std::vector<RevisionReport> reports(const Graph& graph, const std::vector<std::string>& ids, const Look* look) {
  const std::set<std::string> heads = as_set(graph.heads());
  const std::set<std::string> current = look != nullptr ? as_set(look->catalog.heads()) : std::set<std::string>{};
  std::vector<RevisionReport> result;
  result.reserve(ids.size());
  for (const std::string& id : ids) {
    result.push_back(report_on(graph, id, heads));
    if (look != nullptr) add_database(result.back(), *look, current);
  }
  return result;
}

LogEntry open_entry(const LeaseState& held, std::int64_t now_ms) {
  LogEntry entry = log_entry(*held.state.attempt, held.state.attempt_holder);
  entry.outcome = held.is_at_work() ? "running" : "open";
  if (held.is_at_work()) entry.duration_us = std::max<std::int64_t>(now_ms - entry.started_ms, 0) * 1000;
  if (!held.is_at_work()) entry.error = "it was cut off: the next command that writes undoes it";
  return entry;
}

bool names_current(std::string_view target) { return target.find("current") != std::string_view::npos; }

}  // namespace

CurrentReport current(Project& project) {
  const auto file_names = project.files->begin_names();
  auto connection = project.server->connect();
  Store store(*connection, project.settings.database);
  const std::optional<LeaseState> held = read_lease(*connection, project.settings.database);
  const std::optional<State> state = held ? std::optional(held->state) : std::nullopt;
  CurrentReport report;
  if (state && !state->fresh && !state->attempt) {
    // The usual case, whatever the length of the history: the names of the files alone say that everything is applied.
    const NamedIds named = named_ids(file_names());
    if (named.count == state->applied.count && named.digest == state->applied.digest) {
      report.heads = state->applied.heads;
      report.file_heads_applied = report.heads;
      report.at_head = true;
      report.count = state->applied.count;
      return report;
    }
  }
  const Graph files = load_graph_with_applied(project);
  const Catalog catalog = load_catalog(files, store, state);
  report.heads = catalog.heads();
  const std::set<std::string> file_heads = as_set(files.heads());
  for (const std::string& head : report.heads)
    if (file_heads.contains(head)) report.file_heads_applied.push_back(head);
  for (const std::string& id : files.order())
    if (!catalog.applied.contains(id)) report.pending.push_back(id);
  report.at_head = report.pending.empty();
  report.count = static_cast<std::int64_t>(catalog.applied.size());
  report.unknown = catalog.unknown_ids();
  if (!catalog.adopted.empty())
    report.notes.push_back(fmt::format("{} is at {}: the next upgrade, downgrade or stamp adopts that, {} in all",
                                       kForeignCollection, fmt::join(report.heads, ", "),
                                       counted(std::ssize(catalog.adopted), "revision")));
  if (held)
    if (auto attempt = describe_attempt(*held)) report.notes.push_back(*std::move(attempt));
  for (const LogEntry& entry : left_in_place(store, catalog.applied)) report.notes.push_back(describe_left(entry));
  return report;
}

std::vector<RevisionReport> history(Project& project, const std::string& range, bool with_database) {
  const bool asks_database = with_database || names_current(range);
  Graph files = asks_database ? load_graph_with_applied(project) : load_graph(*project.files);
  std::optional<Look> look;
  if (asks_database) look = look_at_database(project, files);
  const Graph& graph = look ? look->catalog.graph : files;
  const std::vector<std::string> applied_heads = look ? look->catalog.heads() : std::vector<std::string>{};
  std::vector<std::string> ids = range.empty() ? graph.order() : resolve_range(graph, range, applied_heads);
  std::ranges::reverse(ids);
  return reports(graph, ids, look ? &*look : nullptr);
}

std::vector<RevisionReport> heads(Project& project, bool resolve_dependencies) {
  const Graph graph = load_graph(*project.files);
  std::vector<std::string> ids = graph.heads();
  if (resolve_dependencies) std::erase_if(ids, [&](const std::string& id) { return !graph.dependents(id).empty(); });
  return reports(graph, ids, nullptr);
}

std::vector<Branch> branches(Project& project) {
  const Graph graph = load_graph(*project.files);
  std::vector<Branch> result;
  for (const std::string& id : graph.order()) {
    if (!graph.is_branch_point(id)) continue;
    result.push_back({reports(graph, {id}, nullptr).front(), reports(graph, graph.children(id), nullptr)});
  }
  return result;
}

std::vector<RevisionReport> show(Project& project, const std::string& target) {
  const bool asks_database = names_current(target);
  Graph files = asks_database ? load_graph_with_applied(project) : load_graph(*project.files);
  std::optional<Look> look;
  if (asks_database) look = look_at_database(project, files);
  const Graph& graph = look ? look->catalog.graph : files;
  const auto applied_heads = look ? look->catalog.heads() : std::vector<std::string>{};
  return reports(graph, resolve(graph, target, applied_heads), look ? &*look : nullptr);
}

std::vector<LogEntry> log(Project& project, std::size_t limit) {
  auto connection = project.server->connect();
  // Before the journal: what is open now, and ends meanwhile, is then told twice rather than not at all.
  const std::optional<LeaseState> held = read_lease(*connection, project.settings.database);
  Sifted<LogEntry> found = Store(*connection, project.settings.database).sift_log(limit);
  for (const Error& damage : found.damaged) note(project, fmt::format("left out: {}", damage.what()));
  std::vector<LogEntry>& entries = found.sound;
  if (!held || !held->state.attempt) return std::move(entries);
  const LogEntry open = open_entry(*held, project.clock->now_ms());
  if (is_among(entries, open)) return std::move(entries);
  entries.insert(entries.begin(), open);
  if (limit > 0 && entries.size() > limit) entries.pop_back();
  return std::move(entries);
}

void wait_for_server(Project& project, std::chrono::milliseconds timeout) {
  using std::chrono::milliseconds;
  constexpr auto kBetween = milliseconds(250);
  const std::int64_t start_us = project.clock->monotonic_us();
  while (true) {
    try {
      project.server->connect()->command("admin", Document().add("ping", 1));
      return;
    } catch (const Error& error) {
      if (error.kind() != Kind::unreachable) throw;
      const auto waited = std::chrono::microseconds(project.clock->monotonic_us() - start_us);
      if (waited >= timeout)
        throw Error(Kind::unreachable,
                    fmt::format("no server answers at {} after {:.1f} s", project.server->hosts(),
                                static_cast<double>(waited.count()) / 1e6),
                    "is it running, and is the URL right? treering wait --timeout waits longer");
      project.clock->pause(std::min(kBetween, std::chrono::ceil<milliseconds>(timeout - waited)));
    }
  }
}

}  // namespace treering
