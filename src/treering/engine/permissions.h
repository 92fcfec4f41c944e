// SPDX-License-Identifier: Apache-2.0
// What the server lets the user do that a connection works as.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/doctor.h"
#include "treering/engine/port/database.h"

namespace treering {

// What migrations need on the database, and whether the user has it. Asks and tries nothing; a server that doesn't say
// is one sentence.
std::vector<Diagnosis> examine_permissions(Connection& connection, const std::string& database);

}  // namespace treering
