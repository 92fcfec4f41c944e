// SPDX-License-Identifier: Apache-2.0
// What the models said when a revision was generated, as a file that people can read and git can merge:
// migrations/snapshots/<revision>.json (docs/format.md). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "treering/schema/schema.h"

namespace treering {

// JSON, two spaces, one line a leaf, collections by name. Values in Extended JSON v2, of which a document that would
// read as one of its type wrappers ({"$oid": ...}) is kept apart. schema_from_snapshot(snapshot_text(s), ...) == s.
std::string snapshot_text(const Schema& schema);

// Throws Error(Kind::file), with the path and the place, where the text isn't such a file, or of a newer format.
Schema schema_from_snapshot(std::string_view text, const std::string& path);

// What several branches say together: `base` is what all of them grew from, `sides` what each says now. What one side
// removed or changed since `base` is removed or changed; of two that changed the same, the later side holds.
Schema merge_snapshots(const Schema& base, const std::vector<Schema>& sides);

}  // namespace treering
