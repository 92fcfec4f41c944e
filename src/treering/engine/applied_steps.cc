// SPDX-License-Identifier: Apache-2.0
// The heads after a step are made from those before it: a walk over the whole history per step would make long
// upgrades quadratic. Not where a file was put below applied revisions: the next applied one may be further away than
// a step then.
#include "treering/engine/applied_steps.h"

#include <algorithm>

namespace treering {

AppliedSteps::AppliedSteps(Catalog& catalog)
    : catalog_(catalog),
      state_(catalog.state()),
      closed_(catalog.graph.with_ancestors(catalog.applied) == catalog.applied) {}

void AppliedSteps::add(const std::string& revision) {
  catalog_.applied.insert(revision);
  state_.digest.add(revision);
  ++state_.count;
  move_heads_up(revision);
}

void AppliedSteps::remove(const std::string& revision) {
  catalog_.applied.erase(revision);
  catalog_.unknown.erase(revision);
  state_.digest.remove(revision);
  --state_.count;
  move_heads_down(revision);
}

AppliedState AppliedSteps::last_state() const {
  AppliedState last = state_;
  last.heads = catalog_.heads();
  return last;
}

void AppliedSteps::move_heads_up(const std::string& revision) {
  if (!closed_) {
    state_.heads = catalog_.heads();
    return;
  }
  const std::vector<std::string> below = below_of(revision);
  std::erase_if(state_.heads, [&](const std::string& head) { return std::ranges::find(below, head) != below.end(); });
  state_.heads.push_back(revision);  // nothing applied stands on it: what is applied was closed
}

void AppliedSteps::move_heads_down(const std::string& revision) {
  if (!closed_) {
    state_.heads = catalog_.heads();
    return;
  }
  std::erase(state_.heads, revision);
  for (const std::string& other : below_of(revision))
    if (catalog_.applied.contains(other) && !stands_below_applied(other) &&
        std::ranges::find(state_.heads, other) == state_.heads.end())
      state_.heads.push_back(other);
}

std::vector<std::string> AppliedSteps::below_of(const std::string& revision) const {
  std::vector<std::string> below = catalog_.graph.at(revision).parents;
  const auto& dependencies = catalog_.graph.dependencies(revision);
  below.insert(below.end(), dependencies.begin(), dependencies.end());
  return below;
}

bool AppliedSteps::stands_below_applied(const std::string& revision) const {
  const auto applied = [&](const std::string& other) { return catalog_.applied.contains(other); };
  return std::ranges::any_of(catalog_.graph.children(revision), applied) ||
         std::ranges::any_of(catalog_.graph.dependents(revision), applied);
}

}  // namespace treering
