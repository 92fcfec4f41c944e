// SPDX-License-Identifier: Apache-2.0
// The verbs that change what is applied. Each takes the lease for as long as it works.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/project.h"
#include "treering/engine/report.h"

namespace treering {

// True where `upgrade target` would find nothing to do, read without the lease and, for "head" and "heads", usually
// without opening a revision file. False where it can't tell cheaply. Fills `heads` with what is applied when it gives
// true.
bool nothing_to_upgrade(Project& project, const std::string& target, std::vector<std::string>& heads);

// Throws Error for what was wrong before anything ran (target, files, lease, server). A revision that fails is in the
// report, not thrown.
RunReport upgrade(Project& project, const std::string& target);
RunReport downgrade(Project& project, const std::string& target);

// Records the targets as applied without running anything. `purge` forgets everything else that is recorded, revisions
// that no file has included.
RunReport stamp(Project& project, const std::vector<std::string>& targets, bool purge);

}  // namespace treering
