// SPDX-License-Identifier: Apache-2.0
// Changes of documents as Python statements. Pure.
#pragma once

#include <string>
#include <vector>

#include "treering/schema/brackets.h"
#include "treering/schema/operation.h"
#include "treering/schema/render.h"

namespace treering {

// One call of pymongo's methods for each statement (inserts: one for all). What those methods can't say goes as the
// command. REQUIRES: the operation is a Write.
std::vector<Brackets> python_write(const Operation& operation, Imports& imports);

// Statements that insert each document only where none of its _id is there, without indentation at their start:
//   if env.db['users'].find_one({'_id': 1}) is None:
//       env.db['users'].insert_one({'_id': 1, 'name': 'root'})
std::string python_insert_where_missing(const Write& write, Imports& imports, int indent);

}  // namespace treering
