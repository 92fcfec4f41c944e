// SPDX-License-Identifier: Apache-2.0
// Writes as calls of the shell's methods. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "treering/schema/brackets.h"
#include "treering/schema/operation.h"

namespace treering {

// A method of a collection, and what it is called with.
struct ShellMethod {
  std::string_view name;
  std::vector<Brackets> arguments;
};

// The method that sends what the write is: insertOne, insertMany, and of a single statement updateOne, updateMany,
// replaceOne, deleteOne, deleteMany. Nothing where there is none.
std::optional<ShellMethod> shell_method(const Write& write);

}  // namespace treering
