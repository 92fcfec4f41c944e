// SPDX-License-Identifier: Apache-2.0
// How many documents a filter means, and how the server would find them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "treering/engine/port/database.h"

namespace treering {

struct Query {
  Document filter;
  Document collation;  // empty: the collection's
  Document hint;       // {hint: ...}, or empty
  bool one = false;    // at most one document is meant
};

// The documents of the collection that the filter means; nothing where the server can't say within two seconds, or
// refuses the filter (then the operation itself will tell). Throws Error(Kind::unreachable).
std::optional<std::int64_t> count_documents(Connection& connection, const std::string& database,
                                            const std::string& collection, const Query& query);

// All documents of the collection, by its metadata.
std::optional<std::int64_t> count_all(Connection& connection, const std::string& database,
                                      const std::string& collection);

// "index email_1", "index _id", "collection scan"; "" where the server doesn't say.
std::string access_of(Connection& connection, const std::string& database, const std::string& collection,
                      const Query& query);

// The filter with "?" for every value: what filters of one shape have in common. {a: 1, b: {$gt: 2}} and
// {a: 3, b: {$gt: 4}} are both {"a": "?", "b": {"$gt": "?"}}.
Document shape_of(const Document& filter);

}  // namespace treering
