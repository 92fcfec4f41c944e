// SPDX-License-Identifier: Apache-2.0
// What a runner puts in order before its own work: what a runner that died left open, and what another system left.
#pragma once

#include "treering/engine/catalog.h"
#include "treering/engine/project.h"
#include "treering/engine/report.h"
#include "treering/engine/store.h"

namespace treering {

// The journal's entry of an attempt, without outcome.
LogEntry log_entry(const Attempt& attempt, const Holder& holder);

// REQUIRES: the lease is ours, so that whoever began an attempt that `state` still holds is gone; `catalog` was loaded
// with that state. What the journal misses of that run is written: the revisions that it had finished, and the attempt,
// with a note where it was cut off. The attempt's record says whether the code had ended; what the code did before it
// died stays as it is. The attempt itself stays open until the lease's next `advance` or `release`.
void journal_dead_run(Project& project, Store& store, const Catalog& catalog, const State& state);

// REQUIRES: the lease is ours, and the state still fresh: only after this may the state say that anything is applied.
// Writes the records of what `catalog` adopted from _db_version, and notes it. Does nothing where that is nothing.
void write_adopted(Project& project, Store& store, const Catalog& catalog);

}  // namespace treering
