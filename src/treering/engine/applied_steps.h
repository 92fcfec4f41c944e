// SPDX-License-Identifier: Apache-2.0
// What is applied while a run goes on, step by step.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/catalog.h"
#include "treering/engine/state.h"

namespace treering {

class AppliedSteps {
 public:
  // Borrows the catalog, whose sets follow each step.
  explicit AppliedSteps(Catalog& catalog);

  void add(const std::string& revision);
  void remove(const std::string& revision);

  const AppliedState& state() const { return state_; }
  // With the heads in the order in which everybody else gives them.
  AppliedState last_state() const;

 private:
  void move_heads_up(const std::string& revision);
  void move_heads_down(const std::string& revision);
  std::vector<std::string> below_of(const std::string& revision) const;  // parents and dependencies
  bool stands_below_applied(const std::string& revision) const;

  Catalog& catalog_;
  AppliedState state_;
  bool closed_;  // everything below an applied revision is applied
};

}  // namespace treering
