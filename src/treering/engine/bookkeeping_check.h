// SPDX-License-Identifier: Apache-2.0
// Whether Treering's own documents in a database go together, and with the files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "treering/engine/doctor.h"
#include "treering/engine/lease_state.h"
#include "treering/engine/port/database.h"
#include "treering/history/graph.h"

namespace treering {

// `held`: the state as it was read; nothing where there is none. Each gives what it has to say, at least one sentence.
std::vector<Diagnosis> examine_lock(const std::optional<LeaseState>& held);
std::vector<Diagnosis> examine_attempt(const std::optional<LeaseState>& held);
std::vector<Diagnosis> examine_records(Connection& connection, const std::string& database, const Graph& files,
                                       const std::optional<LeaseState>& held);
std::vector<Diagnosis> examine_journal(Connection& connection, const std::string& database,
                                       const std::optional<LeaseState>& held);

}  // namespace treering
