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

}  // namespace

WrittenScript write_script(Project& project, Direction direction, const std::string& target) {
  const std::int64_t start_us = project.clock->monotonic_us();
  const auto connection = project.server->connect();
  Store store(*connection, project.settings.database);
  Graph files = load_graph_with_applied(project);
  Catalog catalog;
  std::string goal = target;
  std::optional<std::string> attempt;
  const std::size_t colon = target.find(':');
  if (colon != std::string::npos && target.substr(0, colon) != "current") {
    catalog.graph = std::move(files);
    catalog.applied = applied_at(catalog.graph, target.substr(0, colon));
    goal = target.substr(colon + 1);
  } else {
    if (colon != std::string::npos) goal = target.substr(colon + 1);
    const std::optional<LeaseState> held = read_lease(*connection, project.settings.database);
    catalog = load_catalog(std::move(files), store, held ? std::optional(held->state) : std::nullopt);
    if (held) attempt = describe_attempt(*held);
    if (attempt) note(project, *attempt);
  }
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
