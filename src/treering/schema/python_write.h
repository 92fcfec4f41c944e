// SPDX-License-Identifier: Apache-2.0
// Changes of documents as Python statements. Pure.
#pragma once

#include <vector>

#include "treering/schema/brackets.h"
#include "treering/schema/operation.h"
#include "treering/schema/render.h"

namespace treering {

// One call of pymongo's methods for each statement (inserts: one for all). What those methods can't say goes as the
// command. REQUIRES: the operation is a Write.
std::vector<Brackets> python_write(const Operation& operation, Imports& imports);

}  // namespace treering
