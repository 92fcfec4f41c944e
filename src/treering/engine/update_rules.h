// SPDX-License-Identifier: Apache-2.0
// What a server takes as an update of documents, as far as it can be told without the documents. Pure.
#pragma once

#include <string_view>

#include "treering/base/document.h"

namespace treering {

// Throws ServerError, with the server's words, where an operator or a stage of the update is none. `update`: a document
// with operators, a whole document, or a pipeline.
// Source: MongoDB's manual, "Update Operators" and "Updates with Aggregation Pipeline".
void require_update(const Field& update);

// Throws Error(Kind::usage) where operators, or a pipeline's $set, $addFields or $unset, name that field, what is in it
// or what it is in: a walk along it would meet the document again. `key`: dotted, or plain.
void require_leaves_alone(const Field& update, std::string_view key);

}  // namespace treering
