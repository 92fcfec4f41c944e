// SPDX-License-Identifier: Apache-2.0
// What unlock, trash and doctor say, as lines and as JSON. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "treering/cli/json.h"
#include "treering/engine/doctor.h"
#include "treering/engine/lease_state.h"
#include "treering/engine/trash_verbs.h"

namespace treering {

std::string trash_line(const TrashReport& report);
std::string diagnosis_text(const Diagnosis& diagnosis);

Json json_of(const LeaseState& state);
Json json_of(const TrashReport& report);
Json json_of(const Diagnosis& diagnosis);

}  // namespace treering
