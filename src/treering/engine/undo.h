// SPDX-License-Identifier: Apache-2.0
// Undoing an attempt's schema operations, newest first, with the inverses that its journal holds.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "treering/engine/journalled_operation.h"
#include "treering/engine/lease.h"
#include "treering/engine/port/database.h"
#include "treering/engine/trash.h"

namespace treering {

struct UndoRequest {
  std::string database;                      // that is migrated: its collections are told without it
  std::vector<JournalledOperation> entries;  // oldest first
  // What a created collection may hold and still be dropped: the documents that the attempt is known to have written,
  // by namespace. Where it holds more, or nobody knows (nothing here), it goes into the trash.
  std::optional<std::map<std::string, std::int64_t>> written;
  // What somebody who undid this before, and didn't come to the end, couldn't undo.
  std::vector<std::string> left;
  Trashed trashed_as;         // revision, direction and time of what goes into the trash
  Drops drops = Drops::kept;  // for_good: nothing goes there
};

struct Undone {
  std::vector<std::string> undone;  // in words, the operations that are undone, newest first
  std::vector<std::string> left;    // and those that couldn't be, with the reason where there is one to tell
  // Namespaces that are no more, in order: of created collections (`to` is empty), whose documents are gone with them,
  // and of renamed ones, whose documents are under the name `to` now.
  struct Move {
    std::string from;
    std::string to;
  };
  std::vector<Move> moved;
};

// REQUIRES: the lease is ours and the attempt is the one that is open in the state. Each entry is struck from the state
// once it is undone, and each step may be done twice, so that whoever comes after a crash here goes on with the rest.
// A step that the server refuses is told in `left`, and the rest is undone all the same. Doesn't stop for signals.
// Throws Error: lease_lost, unreachable.
Undone undo(Lease& lease, Connection& connection, const UndoRequest& request);

}  // namespace treering
