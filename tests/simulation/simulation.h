// SPDX-License-Identifier: Apache-2.0
// One seed's simulation: two to eight processes that migrate one database, everything that may go wrong with them, and
// at the end one run that nothing disturbs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/story.h"

namespace treering::simulation {

struct Outcome {
  std::string failure;             // "" where everything held
  std::vector<std::string> story;  // where it was asked for
  std::uint64_t steps = 0;
};

// The same seed gives the same outcome on every machine.
Outcome simulate(std::uint64_t seed, Story::Telling telling);

}  // namespace treering::simulation
