// SPDX-License-Identifier: Apache-2.0
// The schema that a database has.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/port/database.h"
#include "treering/schema/schema.h"

namespace treering {

// Collections by name, without the server's own and Treering's. Of documents, those are read whose _id is initial data
// of one of `named`. Shard keys are read where a mongos answers; elsewhere nobody knows them, and each is taken from
// the first of `named` that has the collection. Throws what Connection::command throws.
Schema read_schema(Server& server, const std::string& database, const std::vector<const Schema*>& named);

}  // namespace treering
