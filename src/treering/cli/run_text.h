// SPDX-License-Identifier: Apache-2.0
// Reports of upgrade and downgrade as lines (DESIGN: "How it feels"). Pure.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/report.h"

namespace treering {

std::string step_line(const StepReport& step);     // id, message, what was done, time; in columns
std::string done_text(const StepReport& step);     // "1 collection, 2 indexes, 50 documents", "no changes"
std::string now_at_text(const RunReport& report);  // "now at X, Y (head)", "now at base"
std::string summary_line(const RunReport& report, Direction direction);  // "3 applied in 0.1 s, now at X (head)"

// "already at head: X, Y". `heads`: what is applied.
std::string already_at_head(const std::vector<std::string>& heads);

// The whole block about a failed run; nothing is left out that the revision's author needs.
// REQUIRES: report.failure.
std::string failure_text(const RunReport& report, Direction direction);

}  // namespace treering
