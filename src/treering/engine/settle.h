// SPDX-License-Identifier: Apache-2.0
// What a runner puts in order before its own work: what a runner that died left open, and what another system left.
#pragma once

#include "treering/engine/catalog.h"
#include "treering/engine/lease.h"
#include "treering/engine/project.h"
#include "treering/engine/report.h"
#include "treering/engine/store.h"

namespace treering {

// The journal's entry of an attempt, without outcome.
LogEntry log_entry(const Attempt& attempt, const Holder& holder);
// Whether one of them is about the same attempt.
bool is_among(const std::vector<LogEntry>& entries, const LogEntry& wanted);

// REQUIRES: whoever began an attempt that the lease's state still holds is gone (the lease is ours); `catalog` was
// loaded with that state. What the journal misses of that run is written: the revisions that it had finished, and the
// attempt, with a note where it was cut off. The attempt's record says whether the code had ended; where it hadn't, its
// schema operations are undone. The attempt itself stays open until the lease's next `advance` or `release`. Throws
// Error: unreachable, lease_lost, and server where the attempt's journal can't be read.
void settle_open_attempt(Project& project, Connection& connection, Store& store, Lease& lease, const Catalog& catalog);

// REQUIRES: the lease is ours, and the state still fresh: only after this may the state say that anything is applied.
// Writes the records of what `catalog` adopted from _db_version, and notes it. Does nothing where that is nothing.
void write_adopted(Project& project, Store& store, const Catalog& catalog);

}  // namespace treering
