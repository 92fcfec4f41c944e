// SPDX-License-Identifier: Apache-2.0
// Indexes of models: what no version of the server takes is found here, before any server is asked. Pure.
#pragma once

#include "treering/base/document.h"
#include "treering/schema/model_place.h"

namespace treering {

enum class IndexKind { ordered, text, sphere, plane, hashed, wildcard };

// Of a valid key.
IndexKind index_kind(const Document& key);

// The kind of a key. Throws where it isn't one: empty, a field's name or kind that doesn't exist, kinds that don't go
// together, the _id alone.
IndexKind require_index_key(const Document& key, const ModelPlace& place);

// The kind of an index. Throws on a specification that no server takes. `options`: of its collection, as written.
IndexKind require_index(const Document& specification, const Document& options, const ModelPlace& place);

}  // namespace treering
