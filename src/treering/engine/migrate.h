// SPDX-License-Identifier: Apache-2.0
// The verbs that change what is applied. Each takes the lease for as long as it works.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/project.h"
#include "treering/engine/report.h"

namespace treering {

// True where the names of the files and the state document alone say that `upgrade head` has nothing to do: one round
// trip, no revision file opened, no lease. Fills `heads` with what is applied then. False where they don't say it; then
// `upgrade` finds out.
bool nothing_to_upgrade(Project& project, const std::string& target, std::vector<std::string>& heads);

// Throws Error for what was wrong before anything ran (target, files, lease, server). A revision that fails is in the
// report, not thrown.
RunReport upgrade(Project& project, const std::string& target);
RunReport downgrade(Project& project, const std::string& target);

// Records the targets as applied without running anything. `purge` forgets everything else that is recorded, revisions
// that no file has included.
RunReport stamp(Project& project, const std::vector<std::string>& targets, bool purge);

}  // namespace treering
