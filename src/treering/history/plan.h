// SPDX-License-Identifier: Apache-2.0
// From a target ("head", "-1", "label@base", ...) and what is applied to the revisions to run, in order. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "treering/history/graph.h"

namespace treering {

enum class Direction { upgrade, downgrade };
std::string_view to_string(Direction direction);

// Ids of applied revisions. May hold ids that no file has (they are part of the graph when their record was read).
using Applied = std::set<std::string>;

struct TargetRules {
  bool strict_heads = false;  // Alembic's errors where several heads make "head" or a relative step ambiguous
};

// Revisions to apply, parents and dependencies first, then by id. Empty where nothing is pending.
// Law: applied + plan is closed under parents and dependencies if applied was.
// Throws Error(Kind::revision): unknown or ambiguous target (candidates named), "+N" past the end, a target that means
// nothing upwards.
std::vector<std::string> plan_upgrade(const Graph& graph, const Applied& applied, std::string_view target,
                                      TargetRules rules = {});

// Revisions to revert, newest first (the exact reverse of the order in which plan_upgrade would apply them): everything
// applied that stands on the target. Law: what is left is closed; plan_upgrade of the plan's revisions, after it, gives
// them back in reverse order.
std::vector<std::string> plan_downgrade(const Graph& graph, const Applied& applied, std::string_view target,
                                        TargetRules rules = {});

// The applied set after `stamp targets`: each target with all its ancestors and dependencies; branches that no target
// touches stay applied, unless `purge`. "base" alone gives the empty set. A target below what is applied moves its
// branch back.
Applied plan_stamp(const Graph& graph, const Applied& applied, const std::vector<std::string>& targets, bool purge,
                   TargetRules rules = {});

}  // namespace treering
