// SPDX-License-Identifier: Apache-2.0
// What a document would plausibly be after an update that a dry run doesn't send: what a person reads from it at once,
// as a counter's new value. Pure.
#pragma once

#include "treering/base/document.h"

namespace treering {

// The document that an upsert begins with where its filter finds nothing: its _id (`id`: {_id: ...}), and what the
// filter asks to be equal.
Document begun_by_filter(const Document& id, const Document& filter);

// The document after the update: a whole document, or $set, $setOnInsert (where it `inserts`), $unset, $inc, $mul, $min
// and $max of fields at the top. What only the server works out (pipelines, nested fields, arrays) stays as it was.
Document after_update(const Document& before, const Field& update, bool inserts);

// What a projection leaves of it, at the top; an expression's field is left out.
Document projected(const Document& document, const Document& projection);

}  // namespace treering
