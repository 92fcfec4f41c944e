// SPDX-License-Identifier: Apache-2.0
// Who this process is, for the lease and the journal.
#pragma once

#include "treering/engine/project.h"

namespace treering {

// Host, process id, user, and a run id that no other run has. Each call is a new run.
Holder this_process();

}  // namespace treering
