// SPDX-License-Identifier: Apache-2.0
// The verbs that only look. None takes the lease or writes.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/project.h"
#include "treering/engine/report.h"

namespace treering {

CurrentReport current(Project& project);

// The revisions of the range ("" for all), newest first. `with_database` also asks what is applied (and adds applied
// revisions that no file has); it is asked anyway where the range names "current".
std::vector<RevisionReport> history(Project& project, const std::string& range, bool with_database);

std::vector<RevisionReport> heads(Project& project, bool resolve_dependencies);

// Branch points, each with its children.
struct Branch {
  RevisionReport point;
  std::vector<RevisionReport> children;
};
std::vector<Branch> branches(Project& project);

// The revisions a target names. Asks the database where the target is "current".
std::vector<RevisionReport> show(Project& project, const std::string& target);

// Attempts, newest first, at most `limit` (0: all): those of the journal, and before them the one that is open.
// Damaged documents of the journal are left out, with a note of each.
std::vector<LogEntry> log(Project& project, std::size_t limit);

// Waits until the server answers. Throws Error(unreachable) after `timeout`, Error(interrupted) on a signal.
void wait_for_server(Project& project, std::chrono::milliseconds timeout);

}  // namespace treering
