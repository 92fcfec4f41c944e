// SPDX-License-Identifier: Apache-2.0
// What a person does with the trash (trash.h): looks into it, takes something out, empties it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "treering/engine/project.h"
#include "treering/engine/trash.h"

namespace treering {

struct TrashReport {
  Trashed what;
  // Nothing where the server doesn't say.
  std::optional<std::int64_t> documents;
  std::optional<std::int64_t> bytes;
};

// What the trash holds, newest first. Takes no lease and writes nothing.
std::vector<TrashReport> trash(Project& project);

// Those that were dropped at least that long ago, by this machine's clock, as the drops were dated.
std::vector<TrashReport> older_than(const std::vector<TrashReport>& reports, std::chrono::milliseconds age,
                                    std::int64_t now_ms);

// Brings a dropped collection back, with its documents and indexes. `name`: as it was called (of several drops the
// newest), or its name in the trash. `as`: another name for it; "" for its own. Gives it with `collection` as it is
// called now. Takes the lease, and puts in order what a dead runner left. Throws Error(Kind::usage) where the trash
// holds no such one, where the name is taken or Treering's own, or where its own is too long to be told from its name
// in the trash, and what load_catalog and Lease throw.
Trashed restore(Project& project, const std::string& name, const std::string& as);

// Drops these for good, and gives those that were still there. Takes the lease as `restore` does.
std::vector<TrashReport> empty_trash(Project& project, const std::vector<TrashReport>& chosen);

}  // namespace treering
