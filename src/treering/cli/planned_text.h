// SPDX-License-Identifier: Apache-2.0
// What a dry run found, as lines for people.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/report.h"

namespace treering {

// "20241210120000  add user last_login"
std::string planned_head(const StepReport& step);

// A line for each operation, indented by two: what it is, the documents it touches, how they are found, then the filter
// and what a person should know. Columns are as wide as the widest entry, within reason.
std::vector<std::string> planned_lines(const std::vector<PlannedOperation>& planned);

// "dry run: 2 revisions would be applied; nothing was written"
std::string dry_run_summary(const RunReport& report, Direction direction);

}  // namespace treering
