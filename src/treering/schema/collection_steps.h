// SPDX-License-Identifier: Apache-2.0
// From one state of a collection to another. Pure.
#pragma once

#include <vector>

#include "treering/schema/operation.h"
#include "treering/schema/schema.h"

namespace treering {

// The operations that make `to` of `from`, in the order to run them: indexes, options, initial data, shard key.
// REQUIRES: the same name, and options that collMod can change (`options_change`).
std::vector<Operation> steps_of_collection(const Collection& from, const Collection& to);

}  // namespace treering
