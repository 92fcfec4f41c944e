// SPDX-License-Identifier: Apache-2.0
// BSON values as the JSON of snapshots, and back, without loss. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "treering/base/document.h"

namespace treering {

using SnapshotJson = nlohmann::ordered_json;

// Extended JSON v2, relaxed, but for what would not read back as the same type: a small int64, a special double. A
// document whose first key is that of a type wrapper is kept apart as {"$fields": [[key, value], ...]}.
SnapshotJson json_of_document(const Document& document);
SnapshotJson json_of_array(const Document& array);
// Throws Error(Kind::usage) where it isn't one.
Document document_from(const SnapshotJson& json);

// Two spaces; what fits into 100 columns stands on one line.
std::string pretty(const SnapshotJson& json);

}  // namespace treering
