// SPDX-License-Identifier: Apache-2.0
// From models to a schema. Pure: whoever ran the code of the models (treering.models in Python) gives documents.
#pragma once

#include <vector>

#include "treering/base/document.h"
#include "treering/schema/schema.h"

namespace treering {

// One document a model, in the models' order:
//   {class: string, file: string, line: int,      where it stands
//    name: string,                                the collection; missing or "" is an error
//    options: {...},                              of the `create` command; may be missing
//    indexes: [{line: int, spec: {key: {...}, name?: string, ...}}],   may be missing
//    data: [{_id, ...}], shard_key: {key: {...}, unique?: bool}, renamed_from: string}   may be missing
// Throws Error(Kind::models), "FILE:LINE: class NAME: ..." (of an index with its own line, and "index NAME: ..."),
// fields "class", "file", "line" and, of an index, "index": no collection name, one that MongoDB refuses (empty, "$",
// leading or trailing dot, "..", NUL, "system.", longer than 255 bytes) or that is Treering's own; two models of one
// collection (both named) or of one former name; an option that `create` or `createIndexes` doesn't have (the nearest
// named), or of a wrong type; an empty key, a key kind that doesn't exist; two indexes of one name, or that are one to
// every server (same key, collation, filter, unique, sparse and projection); what the server refuses whatever its
// version (TTL on several fields or not a number, a unique hashed or unique wildcard index, two text indexes, sparse
// beside a partial filter, ...); initial data without _id or with one _id twice; initial data or indexes of a view.
Schema schema_from_models(const std::vector<Document>& models);

}  // namespace treering
