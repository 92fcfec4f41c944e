// SPDX-License-Identifier: Apache-2.0
// What a server takes as an update of documents, as far as it can be told without the documents. Pure.
#pragma once

#include "treering/base/document.h"

namespace treering {

// Throws ServerError, with the server's words, where an operator or a stage of the update is none. `update`: a document
// with operators, a whole document, or a pipeline.
// Source: MongoDB's manual, "Update Operators" and "Updates with Aggregation Pipeline".
void require_update(const Field& update);

}  // namespace treering
