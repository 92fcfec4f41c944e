// SPDX-License-Identifier: Apache-2.0
// What a write's statement looks for, and what its upsert would insert. Pure, but for new ids.
#pragma once

#include "treering/base/document.h"
#include "treering/engine/estimate.h"

namespace treering {

// The document in that field; {} where there is none.
Document part(const Document& from, const char* name);

// {_id: ...} of the document that an upsert would insert.
Document upserted_id(const Document& filter, const Document& change);

// `filter` names the field of the statement that holds the filter.
Query query_of(const Document& statement, const char* filter, bool one);

}  // namespace treering
