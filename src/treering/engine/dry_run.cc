// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/dry_run.h"

#include "treering/base/error.h"
#include "treering/engine/catalog.h"
#include "treering/engine/edited.h"
#include "treering/engine/env.h"
#include "treering/engine/lease_state.h"
#include "treering/engine/planned_scripts.h"
#include "treering/engine/preview.h"
#include "treering/engine/run_code.h"
#include "treering/engine/transaction_rules.h"

namespace treering {
namespace {

// Runs one script, and gives why it failed.
std::shared_ptr<const Error> run_collecting(Project& project, Direction direction, const Script& script,
                                            bool transactional, Connection& connection, Preview& preview) try {
  EnvSurroundings around;
  around.server = project.server;
  around.preview = &preview;
  around.observer = project.observer;
  around.step = script.revision + ":" + std::string(to_string(direction));
  std::optional<TransactionRules> rules;
  // What was there before it: the transaction itself may index what it makes.
  const auto was_there = [before = preview.shadow()](const std::string& database,
                                                     const std::string& collection) mutable {
    return before.at(database, collection).exists;
  };
  if (transactional) around.transaction = &rules.emplace(connection, script.revision, was_there);
  Env env(connection, project.settings.database, [&] { project.clock->check_interrupted(); }, around);
  run_code(*project.scripts, script, direction, env);
  if (rules) rules->require_intact();
  return nullptr;
} catch (const Error& error) {
  return std::make_shared<Error>(error);
}

}  // namespace

CollectedRun collect(Project& project, Direction direction, const Graph& graph, const std::vector<Script>& scripts,
                     Purpose purpose) {
  const auto connection = project.server->connect();
  Preview preview(*connection, project.settings.database, drops_with(project.settings.trash), purpose);
  CollectedRun run;
  // A script's statements are no transaction, but what the run would refuse, nobody may have tried.
  const std::set<std::string> transactional = transactional_revisions(project, *connection, graph, scripts);
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    const std::string& revision = scripts[i].revision;
    CollectedStep step;
    step.report.revision = revision;
    step.report.message = graph.at(revision).message;
    step.report.direction = direction;
    if (project.observer != nullptr) project.observer->step_started(revision, step.report.message, direction);
    const std::int64_t began_us = project.clock->monotonic_us();
    run.failure =
        run_collecting(project, direction, scripts[i], transactional.contains(revision), *connection, preview);
    step.report.duration_us = project.clock->monotonic_us() - began_us;
    step.collected = preview.take();
    step.report.planned = std::move(step.collected.planned);
    if (run.failure) {
      run.failed = std::move(step.report);
      for (std::size_t later = i + 1; later < scripts.size(); ++later) run.pending.push_back(scripts[later].revision);
      break;
    }
    if (project.observer != nullptr) project.observer->step_finished(step.report);
    run.steps.push_back(std::move(step));
  }
  return run;
}

RunReport dry_run(Project& project, Direction direction, const std::string& target) {
  const std::int64_t start_us = project.clock->monotonic_us();
  Graph files = load_graph_with_applied(project);
  const auto connection = project.server->connect();
  Store store(*connection, project.settings.database);
  const std::optional<LeaseState> held = read_lease(*connection, project.settings.database);
  const Catalog catalog = load_catalog(std::move(files), store, held ? std::optional(held->state) : std::nullopt);
  if (held)
    if (const auto attempt = describe_attempt(*held)) note(project, *attempt);
  const auto plan = plan_of(project, catalog.graph, catalog.applied, direction, target);
  note_edited(project, *connection, catalog, direction, plan);
  CollectedRun run = collect(project, direction, catalog.graph,
                             planned_scripts(project, store, catalog.graph, plan, direction), Purpose::dry_run);

  RunReport report;
  report.dry_run = true;
  for (CollectedStep& step : run.steps) report.done.push_back(std::move(step.report));
  report.failure = std::move(run.failure);
  report.failed = std::move(run.failed);
  report.pending = std::move(run.pending);
  report.heads = catalog.heads();
  report.at_head = !catalog.any_pending();
  report.unknown = catalog.unknown_ids();
  report.duration_us = project.clock->monotonic_us() - start_us;
  return report;
}

}  // namespace treering
