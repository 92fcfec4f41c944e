// SPDX-License-Identifier: Apache-2.0
#include "treering/history/target_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "treering/base/utf8.h"
#include "treering/history/naming.h"

namespace treering {
namespace {

std::vector<std::string> known_names(const Graph& graph) {
  std::vector<std::string> names = graph.order();
  const std::vector<std::string> labels = graph.all_labels();
  names.insert(names.end(), labels.begin(), labels.end());
  return names;
}

Error unknown(const Graph& graph, const Target& target, const std::string& symbol) {
  const std::string advice = graph.size() == 0 ? "there are no revisions yet" : "`history` lists all revisions";
  return target_error(target, fmt::format("Can't locate revision identified by '{}'", repaired_utf8(symbol)),
                      nearest_hint(symbol, known_names(graph), advice));
}

// Exact id, label, unique prefix, in this order; of several that start so, those on the branch count.
std::string find_symbol(const Graph& graph, const Target& target, const std::string& symbol, const Branch& branch) {
  std::string found;
  if (graph.contains(symbol)) {
    found = symbol;
  } else if (const Revision* labelled = graph.labelled(symbol)) {
    found = labelled->id;
  } else {
    const std::vector<std::string> all = symbol.empty() ? std::vector<std::string>() : graph.starting_with(symbol);
    const std::vector<std::string> candidates = those_on(branch, all);
    if (candidates.size() > 1)
      throw target_error(target, fmt::format("Multiple revisions start with '{}': {}", symbol, listed(candidates)),
                         "write more of the id");
    if (all.empty()) throw unknown(graph, target, symbol);
    found = candidates.empty() ? all[0] : candidates[0];
  }
  if (!is_on(branch, found))
    throw target_error(target, fmt::format("Revision {} is not a member of branch '{}'", found, target.label),
                       "leave the label out, or name a revision of that branch");
  return found;
}

std::vector<std::string> next_of(const Graph& graph, const std::optional<std::string>& at, long steps) {
  if (!at) return steps > 0 ? graph.bases() : std::vector<std::string>();
  return steps > 0 ? graph.children(*at) : graph.at(*at).parents;
}

Error ambiguous_walk(const Target& target, const std::optional<std::string>& at, long steps,
                     const std::vector<std::string>& choices) {
  const std::string where = !at         ? "there are several first revisions"
                            : steps > 0 ? fmt::format("several revisions stand on {}", *at)
                                        : fmt::format("{} stands on several revisions", *at);
  return target_error(target, fmt::format("Ambiguous walk in '{}': {}: {}", target.text, where, listed(choices)),
                      "name one of them instead");
}

}  // namespace

Error target_error(const Target& target, const std::string& message, const std::string& hint) {
  return Error(Kind::revision, message, hint).with("target", repaired_utf8(target.text));
}

Error several_heads(const Target& target, const std::vector<std::string>& heads) {
  return target_error(
      target,
      fmt::format(
          "Multiple head revisions are present for given argument '{}'; please specify a specific target revision, "
          "'<branchname>@{}' to narrow to a specific head, or 'heads' for all heads: {}",
          target.text, target.symbol, listed(heads)),
      "name one of the heads, or merge them");
}

bool is_relative(const Target& target) { return target.steps && (target.symbol.empty() || target.symbol == "current"); }

bool is_on(const Branch& branch, const std::string& id) { return !branch || branch->contains(id); }

std::vector<std::string> those_on(const Branch& branch, const std::vector<std::string>& ids) {
  std::vector<std::string> result;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(result),
               [&](const std::string& id) { return is_on(branch, id); });
  return result;
}

Branch branch_of(const Graph& graph, const Target& target) {
  if (target.label.empty()) return std::nullopt;
  std::set<std::string> ids;
  if (graph.labelled(target.label) != nullptr) {
    for (const std::string& id : graph.order())
      if (graph.labels(id).contains(target.label)) ids.insert(id);
    return ids;
  }
  if (graph.starting_with(target.label).empty())
    throw target_error(target, fmt::format("No such branch: '{}'", repaired_utf8(target.label)),
                       nearest_hint(target.label, known_names(graph), "`branches` and `history` show the labels"));
  const std::string id = find_symbol(graph, target, target.label, std::nullopt);
  ids = graph.with_ancestors({id});
  ids.merge(graph.with_descendants({id}));
  return ids;
}

std::vector<std::string> start_of(const Graph& graph, const Target& target,
                                  const std::vector<std::string>& applied_heads, bool strict_heads) {
  const Branch branch = branch_of(graph, target);
  if (target.symbol == "base") return {};
  if (target.symbol == "current") return those_on(branch, applied_heads);
  if (target.symbol == "head" || target.symbol == "heads") {
    std::vector<std::string> heads = those_on(branch, graph.heads());
    if (strict_heads && target.symbol == "head" && heads.size() > 1) throw several_heads(target, heads);
    return heads;
  }
  return {find_symbol(graph, target, target.symbol, branch)};
}

Walk walk(const Graph& graph, const Target& target, std::optional<std::string> start, long steps,
          const Branch& branch) {
  Walk result{std::move(start), std::nullopt, 0};
  for (; result.taken < std::abs(steps); ++result.taken) {
    std::vector<std::string> next = next_of(graph, result.at, steps);
    if (steps > 0) next = those_on(branch, next);
    if (next.size() > 1) throw ambiguous_walk(target, result.at, steps, next);
    if (next.empty() && (steps > 0 || !result.at)) break;
    result.left = std::exchange(result.at, std::nullopt);
    if (!next.empty()) result.at = next[0];
  }
  return result;
}

Walk walk_target(const Graph& graph, const Target& target, const std::vector<std::string>& applied_heads,
                 bool strict_heads) {
  const std::vector<std::string> start = start_of(graph, target, applied_heads, strict_heads);
  if (start.size() > 1)
    throw target_error(target,
                       fmt::format("Ambiguous walk in '{}': '{}' names several revisions: {}", target.text,
                                   target.symbol, listed(start)),
                       "name one of them instead");
  std::optional<std::string> from;
  if (!start.empty()) from = start[0];
  if (from && !graph.contains(*from))
    throw target_error(target, fmt::format("Can't walk from {}: it is applied but in no file", *from),
                       "name a revision that has a file");
  Walk result = walk(graph, target, from, *target.steps, branch_of(graph, target));
  if (result.taken < std::abs(*target.steps))
    throw target_error(target,
                       fmt::format("Walked too far: '{}' asks for {} steps, and there are {}", target.text,
                                   std::abs(*target.steps), result.taken),
                       *target.steps > 0 ? "ask for fewer, or for head" : "ask for fewer, or for base");
  return result;
}

std::string resolve_symbol(const Graph& graph, std::string_view symbol) {
  Target target;
  target.text = symbol;
  return find_symbol(graph, target, target.text, std::nullopt);
}

std::vector<std::string> resolve(const Graph& graph, std::string_view text,
                                 const std::vector<std::string>& applied_heads, bool strict_heads) {
  const Target target = parse_target(text);
  if (!target.steps) return start_of(graph, target, applied_heads, strict_heads);
  if (target.symbol.empty())
    throw target_error(target, fmt::format("'{}' counts from what is applied, which means nothing here", target.text),
                       fmt::format("name the revision to count from, as in REV{}",
                                   target.text.substr(target.text.find_first_of("+-"))));
  const Walk end = walk_target(graph, target, applied_heads, strict_heads);
  if (!end.at) return {};
  return {*end.at};
}

std::string resolve_one(const Graph& graph, std::string_view text, const std::vector<std::string>& applied_heads) {
  std::vector<std::string> ids = resolve(graph, text, applied_heads, true);
  const Target target = parse_target(text);
  if (ids.empty())
    throw target_error(target, fmt::format("'{}' names no revision here", target.text), "name one revision");
  if (ids.size() > 1)
    throw target_error(target, fmt::format("'{}' names several revisions: {}", target.text, listed(ids)),
                       "name one of them");
  return ids[0];
}

}  // namespace treering
