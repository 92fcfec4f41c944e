// SPDX-License-Identifier: Apache-2.0
// From what a server lists to a schema. Pure; who asks the server is engine/read_schema.h.
#pragma once

#include <vector>

#include "treering/base/document.h"
#include "treering/schema/schema.h"

namespace treering {

// From one document of listCollections ({name, type, options, info, idIndex}); no indexes yet.
Collection collection_from_listing(const Document& listed);

// Sets the indexes, in the order given, from the documents of listIndexes. REQUIRES: the options are there already.
void set_listed_indexes(Collection& collection, const std::vector<Document>& listed);

}  // namespace treering
