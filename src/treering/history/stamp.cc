// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "treering/history/plan.h"
#include "treering/history/target.h"
#include "treering/history/target_walk.h"

namespace treering {
namespace {

void drop(Applied& applied, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) applied.erase(id);
}

// "+1" and "-1" count from what is applied: what upgrade or downgrade would leave.
Applied stamp_relative(const Graph& graph, Applied applied, const Target& target, TargetRules rules) {
  if (*target.steps < 0) {
    drop(applied, plan_downgrade(graph, applied, target.text, rules));
  } else {
    const std::vector<std::string> plan = plan_upgrade(graph, applied, target.text, rules);
    applied.insert(plan.begin(), plan.end());
  }
  return applied;
}

}  // namespace

Applied plan_stamp(const Graph& graph, const Applied& applied, const std::vector<std::string>& targets, bool purge,
                   TargetRules rules) {
  if (targets.empty()) throw Error(Kind::revision, "stamp needs a target", "say head, base or a revision");
  const std::vector<std::string> heads = graph.heads_of(applied);
  Applied result = purge ? Applied() : applied;
  std::set<std::string> wanted;
  for (const std::string& text : targets) {
    const Target target = parse_target(text);
    if (is_relative(target)) {
      if (targets.size() > 1 || purge)
        throw target_error(target, fmt::format("'{}' counts from what is applied and can't be combined here", text),
                           "name a revision in its place; stamp takes it alone, and without --purge");
      return stamp_relative(graph, applied, target, rules);
    }
    const bool base = target.symbol == "base" && !target.steps;
    if (base && target.label.empty()) result.clear();
    if (base && !target.label.empty()) drop(result, plan_downgrade(graph, result, text, rules));
    const std::vector<std::string> ids = resolve(graph, text, heads, rules.strict_heads);
    wanted.insert(ids.begin(), ids.end());
  }
  const std::set<std::string> kept = graph.with_ancestors(wanted);
  for (const std::string& id : graph.with_descendants(wanted))
    if (!kept.contains(id)) result.erase(id);
  result.insert(kept.begin(), kept.end());
  return result;
}

}  // namespace treering
