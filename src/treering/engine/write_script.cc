// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/write_script.h"

#include "treering/engine/catalog.h"
#include "treering/engine/dry_run.h"
#include "treering/engine/lease_state.h"
#include "treering/engine/planned_scripts.h"
#include "treering/engine/script.h"

namespace treering {
namespace {

// What is applied in a database that is at that revision.
Applied applied_at(const Graph& graph, const std::string& target) {
  return plan_stamp(graph, {}, {target.empty() ? "base" : target}, true);
}

// From what is applied to which revision.
struct Range {
  Catalog catalog;
  std::string goal;
  std::optional<std::string> attempt;  // that is under way or was cut off, in words
};

// "a:b" is from a to b; without a, or with `current` for it, from what the database has.
Range range_of(Project& project, Store& store, Connection& connection, const std::string& target) {
  Range range;
  Graph files = load_graph_with_applied(project);
  const std::size_t colon = target.find(':');
  const std::string from = colon == std::string::npos ? "current" : target.substr(0, colon);
  range.goal = colon == std::string::npos ? target : target.substr(colon + 1);
  if (from != "current") {
    range.catalog.graph = std::move(files);
    range.catalog.applied = applied_at(range.catalog.graph, from);
    return range;
  }
  const std::optional<LeaseState> held = read_lease(connection, project.settings.database);
  range.catalog = load_catalog(std::move(files), store, held ? std::optional(held->state) : std::nullopt);
  if (held) range.attempt = describe_attempt(*held);
  return range;
}

}  // namespace

WrittenScript write_script(Project& project, Direction direction, const std::string& target) {
  const std::int64_t start_us = project.clock->monotonic_us();
  const auto connection = project.server->connect();
  Store store(*connection, project.settings.database);
  auto [catalog, goal, attempt] = range_of(project, store, *connection, target);
  if (attempt) note(project, *attempt);
  if (goal.empty()) goal = direction == Direction::upgrade ? "head" : "base";
  const auto ids = plan_of(project, catalog.graph, catalog.applied, direction, goal);
  const auto scripts = planned_scripts(project, store, catalog.graph, ids, direction);
  CollectedRun run = collect(project, direction, catalog.graph, scripts, Purpose::script);

  WrittenScript written;
  written.report.dry_run = true;
  written.report.failure = run.failure;
  written.report.failed = std::move(run.failed);
  written.report.pending = std::move(run.pending);
  written.report.heads = catalog.heads();
  written.report.at_head = !catalog.any_pending();
  if (!run.failure && !scripts.empty()) {
    ScriptPlan plan = script_plan(project.settings.database, direction, catalog, scripts);
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      Preview::Collected& collected = run.steps[i].collected;
      plan.steps[i].operations = std::move(collected.operations);
      plan.steps[i].trashed = std::move(collected.trashed);
      plan.steps[i].reads = std::move(collected.reads);
    }
    plan.attempt = attempt.value_or("");
    written.text = migration_script(plan);
  }
  for (CollectedStep& step : run.steps) written.report.done.push_back(std::move(step.report));
  written.report.duration_us = project.clock->monotonic_us() - start_us;
  return written;
}

}  // namespace treering
