// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "treering/engine/env.h"
#include "treering/engine/port/scripts.h"

namespace treering {

// Runs the code of a revision. Throws what Scripts::run throws, and Error(Kind::migration_failed) where the code threw
// something else that is a std::exception (its words in the field "exception"), or returned while writes of a batch
// wait, or while a backfill was under way in another thread, which ends then.
void run_code(Scripts& scripts, const Script& script, Direction direction, Env& env);

}  // namespace treering
