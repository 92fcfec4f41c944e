// SPDX-License-Identifier: Apache-2.0
// Reading a command's cursor to its end.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "treering/base/document.h"
#include "treering/engine/port/database.h"

namespace treering {

// Sends a command that answers with a cursor (find, aggregate, listCollections, listIndexes) and gives all its
// documents.
std::vector<Document> read_cursor(const std::function<Document(const Document&)>& send, const std::string& database,
                                  const Document& command);
std::vector<Document> read_cursor(Connection& connection, const std::string& database, const Document& command);

}  // namespace treering
