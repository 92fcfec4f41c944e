// SPDX-License-Identifier: Apache-2.0
// What the models said at a place in the history.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/port/files.h"
#include "treering/history/graph.h"
#include "treering/schema/schema.h"

namespace treering {

// The snapshots of the newest generated revisions at or below `heads`; of branches, merged. Nothing where no revision
// there was generated. Throws Error(Kind::file) for a snapshot that can't be read.
struct SnapshotAt {
  Schema schema;
  std::vector<std::string> revisions;  // whose snapshots were used; empty where there are none
};
SnapshotAt snapshot_at(Files& files, const Graph& graph, const std::vector<std::string>& heads);

}  // namespace treering
