// SPDX-License-Identifier: Apache-2.0
// Upgrade and downgrade without writing: the code of the revisions runs, and its operations are collected.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/preview.h"
#include "treering/engine/project.h"
#include "treering/engine/report.h"
#include "treering/schema/operation.h"

namespace treering {

// Runs what upgrade or downgrade would run, in the same order, against the database as it is. Reads are real; nothing
// whatever is written, neither bookkeeping nor an adopted _db_version, and no lease is taken. What a later revision
// reads doesn't show what an earlier one would have changed, but for which collections and indexes there are.
// The report has `planned` in its steps. A revision that fails is in the report, as with upgrade.
// Throws Error as upgrade does.
RunReport dry_run(Project& project, Direction direction, const std::string& target);

// What one revision would do.
struct CollectedStep {
  StepReport report;
  Preview::Collected collected;  // but for what is planned, which the report has
};
struct CollectedRun {
  std::vector<CollectedStep> steps;
  std::shared_ptr<const Error> failure;  // of the revision after the last step
  std::optional<StepReport> failed;
  std::vector<std::string> pending;  // not begun
};
// Runs these scripts in their order, collecting.
CollectedRun collect(Project& project, Direction direction, const Graph& graph, const std::vector<Script>& scripts,
                     Purpose purpose);

}  // namespace treering
