// SPDX-License-Identifier: Apache-2.0
// Many commands that only read, several at a time.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/port/database.h"

namespace treering {

// What Server::read_many promises, on a few connections of that server.
std::vector<Document> read_in_parallel(Server& server, const std::string& database,
                                       const std::vector<Document>& commands);

}  // namespace treering
