// SPDX-License-Identifier: Apache-2.0
// The steps from a parsed target to revisions that resolving and planning share.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "treering/base/error.h"
#include "treering/history/graph.h"
#include "treering/history/target.h"

namespace treering {

// The revisions that "label@..." is about: those that the label holds for; before "@", a revision's id stands for its
// ancestors and descendants. Nothing where the target has no label: all of them.
using Branch = std::optional<std::set<std::string>>;
Branch branch_of(const Graph& graph, const Target& target);
bool is_on(const Branch& branch, const std::string& id);
std::vector<std::string> those_on(const Branch& branch, const std::vector<std::string>& ids);

// What the target names before its steps. "base" gives nothing, "current" what of `applied_heads` is on the branch.
std::vector<std::string> start_of(const Graph& graph, const Target& target,
                                  const std::vector<std::string>& applied_heads, bool strict_heads);

// Where a walk over children (steps > 0) or parents ended.
struct Walk {
  std::optional<std::string> at;    // nothing: at the base
  std::optional<std::string> left;  // the revision that the last step left
  long taken = 0;                   // steps; fewer than asked for where the graph ended
};
// From a revision, or from the base. Throws Error(Kind::revision) "Ambiguous walk" naming the revisions among which it
// would have to choose.
Walk walk(const Graph& graph, const Target& target, std::optional<std::string> start, long steps, const Branch& branch);
// From what the target names, all its steps. Throws where it names several, or the graph ends before.
Walk walk_target(const Graph& graph, const Target& target, const std::vector<std::string>& applied_heads,
                 bool strict_heads);

// Steps that count from what is applied: "+1", "label@-2", "current+1".
bool is_relative(const Target& target);

Error target_error(const Target& target, const std::string& message, const std::string& hint);
Error several_heads(const Target& target, const std::vector<std::string>& heads);

}  // namespace treering
