// SPDX-License-Identifier: Apache-2.0
// Reports about revisions as lines, in Alembic's forms. Pure.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/author.h"
#include "treering/engine/inspect.h"
#include "treering/engine/report.h"

namespace treering {

std::string history_line(const RevisionReport& report);  // "aaaa -> bbbb (head), message"
std::string head_line(const RevisionReport& report);     // "bbbb (feat) (head)"
std::string show_text(const RevisionReport& report);     // "Rev: ...", "Parent: ...", ..., the docstring
std::string branch_text(const Branch& branch);           // the point, then a line for each child
std::string current_line(const CurrentReport& report, const std::string& head);
// Whether `duration_us` says something: nobody saw the end of what a process left that is gone.
bool has_duration(const LogEntry& entry);

std::string log_line(const LogEntry& entry);

// "2024-12-10 15:00:00 UTC"
std::string time_text(std::int64_t ms);

}  // namespace treering
