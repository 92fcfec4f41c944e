// SPDX-License-Identifier: Apache-2.0
// Every target is turned into a set of revisions first; ancestors or descendants close it, and the graph's order sorts
// it.
#include "treering/history/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "treering/history/naming.h"
#include "treering/history/target.h"
#include "treering/history/target_walk.h"

namespace treering {
namespace {

using Ids = std::vector<std::string>;

std::set<std::string> as_set(const Ids& ids) { return {ids.begin(), ids.end()}; }

Ids missing_below(const Graph& graph, const Applied& applied, const Ids& targets) {
  const std::set<std::string> needed = graph.with_ancestors(as_set(targets));
  Ids plan;
  std::copy_if(graph.order().begin(), graph.order().end(), std::back_inserter(plan),
               [&](const std::string& id) { return needed.contains(id) && !applied.contains(id); });
  return plan;
}

// The applied ones of `ids`, newest first.
Ids reverted(const Graph& graph, const Applied& applied, const std::set<std::string>& ids) {
  Ids plan;
  std::copy_if(graph.order().rbegin(), graph.order().rend(), std::back_inserter(plan),
               [&](const std::string& id) { return ids.contains(id) && applied.contains(id); });
  return plan;
}

Error too_few(const Target& target, std::size_t there, std::string_view state) {
  return target_error(target,
                      fmt::format("Relative revision {} didn't produce {} migrations: {} {}", target.text,
                                  std::abs(*target.steps), there, state),
                      *target.steps > 0 ? "ask for fewer, or for head" : "ask for fewer, or for base");
}

// Of one line alone: what is pending beside it is told too.
Error too_few_above(const Graph& graph, const Applied& applied, const Target& target, const Branch& branch,
                    const std::optional<std::string>& head, long taken) {
  if (!head) return too_few(target, static_cast<std::size_t>(taken), taken == 1 ? "is pending" : "are pending");
  const std::set<std::string> above = graph.with_descendants({*head});
  Ids beside;
  std::copy_if(graph.order().begin(), graph.order().end(), std::back_inserter(beside), [&](const std::string& id) {
    return !applied.contains(id) && is_on(branch, id) && !above.contains(id);
  });
  const std::string state = fmt::format("{} on {}", taken == 1 ? "stands" : "stand", *head);
  if (beside.empty()) return too_few(target, static_cast<std::size_t>(taken), state);
  return target_error(
      target,
      fmt::format("Relative revision {} didn't produce {} migrations: {} {}, and beside it {} pending: {}", target.text,
                  *target.steps, taken, state, beside.size() == 1 ? "is" : "are", listed(beside)),
      "name a revision, or say heads");
}

Error wrong_way(const Target& target, std::string_view verb, std::string_view instead) {
  return target_error(target, fmt::format("'{}' means nothing to {}", target.text, verb), std::string(instead));
}

// Alembic's one current revision; the base where nothing is applied.
std::optional<std::string> only_head(const Graph& graph, const Applied& applied, const Target& target,
                                     const Branch& branch, std::string_view complaint) {
  const Ids heads = those_on(branch, graph.heads_of(applied));
  if (heads.size() > 1)
    throw target_error(target, fmt::format("{}: {}", complaint, listed(heads)),
                       "name one of them, as in REV+1 or REV-1");
  if (heads.empty()) return std::nullopt;
  if (!graph.contains(heads[0]))
    throw target_error(target, fmt::format("Can't walk from {}: it is applied but in no file", heads[0]),
                       "name a revision");
  return heads[0];
}

Ids relative_upgrade(const Graph& graph, const Applied& applied, const Target& target, TargetRules rules) {
  if (*target.steps < 0)
    throw wrong_way(target, "upgrade", fmt::format("say `downgrade -{}`, or `upgrade +N`", -*target.steps));
  const Branch branch = branch_of(graph, target);
  if (rules.strict_heads) {
    const auto head = only_head(graph, applied, target, branch, "Ambiguous upgrade from multiple current revisions");
    const Walk end = walk(graph, target, head, *target.steps, branch);
    if (end.taken < *target.steps) throw too_few_above(graph, applied, target, branch, head, end.taken);
    return end.at ? missing_below(graph, applied, {*end.at}) : Ids();
  }
  Ids next;
  for (const std::string& id : graph.order())
    if (!applied.contains(id) && is_on(branch, id)) next.push_back(id);
  const auto wanted = static_cast<std::size_t>(*target.steps);
  if (next.size() < wanted) throw too_few(target, next.size(), next.size() == 1 ? "is pending" : "are pending");
  next.resize(wanted);
  return missing_below(graph, applied, next);
}

Ids relative_downgrade(const Graph& graph, const Applied& applied, const Target& target, TargetRules rules) {
  if (*target.steps > 0)
    throw wrong_way(target, "downgrade", fmt::format("say `upgrade +{}`, or `downgrade -N`", *target.steps));
  const Branch branch = branch_of(graph, target);
  if (rules.strict_heads) {
    const auto head = only_head(graph, applied, target, branch, "Ambiguous walk: several heads are applied");
    const Walk end = walk(graph, target, head, *target.steps, branch);
    if (end.taken < -*target.steps)
      throw too_few(target, static_cast<std::size_t>(end.taken), end.taken == 1 ? "is applied" : "are applied");
    return end.left ? reverted(graph, applied, graph.with_descendants({*end.left})) : Ids();
  }
  Ids last;
  for (auto id = graph.order().rbegin(); id != graph.order().rend(); ++id)
    if (applied.contains(*id) && is_on(branch, *id)) last.push_back(*id);
  const auto wanted = static_cast<std::size_t>(-*target.steps);
  if (last.size() < wanted) throw too_few(target, last.size(), last.size() == 1 ? "is applied" : "are applied");
  last.resize(wanted);
  return reverted(graph, applied, graph.with_descendants(as_set(last)));
}

void require_applied(const Graph& graph, const Applied& applied, const Target& target, const std::string& id) {
  if (applied.contains(id)) return;
  const Ids heads = graph.heads_of(applied);
  throw target_error(target, fmt::format("{} is not applied", id),
                     heads.empty()
                         ? "nothing is applied"
                         : fmt::format("downgrade goes to something that is applied; now at {}", listed(heads)))
      .with("revision", id);
}

// Everything that stands on the targets, themselves excluded, and what one target needs of another's descendants.
Ids standing_on(const Graph& graph, const Applied& applied, const Target& target, const Ids& ids) {
  for (const std::string& id : ids) require_applied(graph, applied, target, id);
  std::set<std::string> above = graph.with_descendants(as_set(ids));
  for (const std::string& kept : graph.with_ancestors(as_set(ids))) above.erase(kept);
  return reverted(graph, applied, above);
}

}  // namespace

std::string_view to_string(Direction direction) { return direction == Direction::upgrade ? "upgrade" : "downgrade"; }

std::vector<std::string> plan_upgrade(const Graph& graph, const Applied& applied, std::string_view text,
                                      TargetRules rules) {
  const Target target = parse_target(text);
  if (is_relative(target)) return relative_upgrade(graph, applied, target, rules);
  const Ids heads = graph.heads_of(applied);
  const bool plain = !target.steps;
  if (plain && target.symbol == "current") return start_of(graph, target, heads, false), Ids();
  const Ids targets = resolve(graph, text, heads, rules.strict_heads);
  if (targets.empty() && !(plain && target.symbol.starts_with("head")))
    throw wrong_way(target, "upgrade",
                    "to revert everything say `downgrade base`; to apply everything, `upgrade head`");
  return missing_below(graph, applied, targets);
}

std::vector<std::string> plan_downgrade(const Graph& graph, const Applied& applied, std::string_view text,
                                        TargetRules rules) {
  const Target target = parse_target(text);
  if (is_relative(target)) return relative_downgrade(graph, applied, target, rules);
  const Ids heads = graph.heads_of(applied);
  if (target.symbol == "current") return start_of(graph, target, heads, false), Ids();
  if (target.steps) {
    const Walk end = walk_target(graph, target, heads, rules.strict_heads);
    if (end.at) return standing_on(graph, applied, target, {*end.at});
    if (end.left) {  // down to the base: of this branch only
      require_applied(graph, applied, target, *end.left);
      return reverted(graph, applied, graph.with_descendants({*end.left}));
    }
    return reverted(graph, applied, as_set(graph.order()));
  }
  if (target.symbol == "base") {
    const Branch branch = branch_of(graph, target);
    const Ids roots = those_on(branch, Ids(applied.begin(), applied.end()));
    return reverted(graph, applied, graph.with_descendants(as_set(roots)));
  }
  return standing_on(graph, applied, target, resolve(graph, text, heads, rules.strict_heads));
}

}  // namespace treering
