// SPDX-License-Identifier: Apache-2.0
// Upgrade and downgrade as a script for mongosh, which a person runs in Treering's place.
#pragma once

#include <string>

#include "treering/engine/project.h"
#include "treering/engine/report.h"
#include "treering/history/plan.h"

namespace treering {

struct WrittenScript {
  std::string text;  // "" where nothing is to be done, or a revision failed
  RunReport report;  // of the dry run that collected the operations
};

// Runs dry what upgrade or downgrade to the target would run, and gives it as a script (script.h). The target may be a
// range "a:b": then the script is for a database that is at `a`, wherever this one is ("base:b" for a fresh one).
// Nothing is written. Throws as dry_run and migration_script do.
WrittenScript write_script(Project& project, Direction direction, const std::string& target);

}  // namespace treering
