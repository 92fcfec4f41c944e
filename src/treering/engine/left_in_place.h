// SPDX-License-Identifier: Apache-2.0
// What failed attempts did to collections and indexes, and couldn't undo: a person has to mend it.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/report.h"
#include "treering/engine/store.h"
#include "treering/history/plan.h"

namespace treering {

// The failed attempts, newest first, whose remains may still be there: nothing was tried since at their revisions,
// which weren't recorded as done in another way (stamp) either.
std::vector<LogEntry> left_in_place(Store& store, const Applied& applied);

// "the upgrade of r2 failed and left in place: drop users"
std::string describe_left(const LogEntry& entry);

}  // namespace treering
