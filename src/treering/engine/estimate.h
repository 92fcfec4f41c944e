// SPDX-License-Identifier: Apache-2.0
// How many documents a filter means, and how the server would find them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "treering/base/reply.h"
#include "treering/engine/port/database.h"

namespace treering {

struct Query {
  Document filter;
  Document collation;  // empty: the collection's
  Document hint;       // {hint: ...}, or empty
  Document let;        // variables of its $expr
  bool one = false;    // at most one document is meant
};

struct Count {
  std::optional<std::int64_t> documents;
  std::string why;  // where there is no number: why nobody can say
};

// The documents of the collection that the filter means; no number where the server can't say within two seconds, or
// the user may not ask. Throws ServerError where it refuses the filter itself (refuses_filter), and
// Error(Kind::unreachable).
Count count_documents(Connection& connection, const std::string& database, const std::string& collection,
                      const Query& query);

// Whether that answer is about the filter, so that whatever has this filter is refused as well.
bool refuses_filter(const ServerError& error);
// The filter wants an index that isn't there.
bool misses_index(const ServerError& error);

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
