// SPDX-License-Identifier: Apache-2.0
// What a model says of a collection as a whole: its name, options, shard key and initial data, checked. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "treering/base/document.h"
#include "treering/schema/model_place.h"

namespace treering {

// Throws where MongoDB has no collection of that name, or the collection is MongoDB's or Treering's own.
void require_collection_name(std::string_view name, const ModelPlace& place);

// Throws on options as `create` takes them that no server takes.
void require_options(const Document& options, const ModelPlace& place);

// Throws where `shard_key`, {key, unique}, is none. An empty one is fine.
void require_shard_key(const Document& shard_key, const Document& options, const ModelPlace& place);

// Throws on a document without _id, with one that no server takes, with one that is there already, or that `options`
// leave no room for.
void require_data(const std::vector<Document>& data, const Document& options, const ModelPlace& place);

}  // namespace treering
