// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/planned_scripts.h"

#include <fmt/format.h>

#include "treering/base/error.h"
#include "treering/engine/transaction_rules.h"
#include "treering/history/revision_file.h"

namespace treering {
namespace {

Script script_of(Project& project, Store& store, const Revision& revision) {
  if (!revision.path.empty()) return {revision.id, revision.path, project.files->read(revision.path)};
  auto record = store.read_record(revision.id);
  if (!record || record->source.empty())
    throw Error(Kind::revision,
                fmt::format("{} is applied, but no file has it and its source was never kept", revision.id),
                "bring its file back, or forget it with treering stamp --purge")
        .with("revision", revision.id);
  return {revision.id, record->revision.path.empty() ? revision.id : record->revision.path + " (as it was applied)",
          record->source};
}

bool is_transactional(const Project& project, const Graph& graph, const Script& script) {
  const Revision& revision = graph.at(script.revision);
  std::optional<bool> said = revision.transactional;
  if (revision.path.empty())
    if (const auto header = read_header(script.source, script.path)) said = header->transactional;
  return said.value_or(project.settings.transactional);
}

}  // namespace

std::vector<Script> planned_scripts(Project& project, Store& store, const Graph& graph,
                                    const std::vector<std::string>& plan, Direction direction) {
  std::vector<Script> scripts;
  if (plan.empty()) return scripts;
  for (const std::string& id : plan) scripts.push_back(script_of(project, store, graph.at(id)));
  if (project.scripts == nullptr)
    throw Error(Kind::usage, "this program can't run the code of revisions", "run it through the project's Python");
  project.scripts->check(scripts, direction);
  return scripts;
}

std::set<std::string> transactional_revisions(const Project& project, Connection& connection, const Graph& graph,
                                              const std::vector<Script>& scripts) {
  std::set<std::string> found;
  for (const Script& script : scripts)
    if (is_transactional(project, graph, script)) found.insert(script.revision);
  if (!found.empty()) require_transactions(connection, *found.begin());
  return found;
}

std::vector<std::string> plan_of(const Project& project, const Graph& graph, const Applied& applied,
                                 Direction direction, const std::string& target) {
  const TargetRules rules{.strict_heads = project.settings.strict_heads};
  return direction == Direction::upgrade ? plan_upgrade(graph, applied, target, rules)
                                         : plan_downgrade(graph, applied, target, rules);
}

}  // namespace treering
