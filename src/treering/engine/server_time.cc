// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/server_time.h"

#include <cstdint>
#include <vector>

namespace treering {

Document literal(std::string_view text) { return Document().add("$literal", text); }

// Numbers are added, not dates: $dateAdd came with MongoDB 5 only.
Document server_time_plus(std::chrono::milliseconds time) {
  Document terms;
  terms.add("0", Document().add("$toLong", "$$NOW")).add("1", static_cast<std::int64_t>(time.count()));
  return Document().add("$toDate", Document().add_array("$add", terms));
}

// Both sides as numbers, a form that every server compares alike.
Document is_past(const std::string& field) {
  const std::vector<Document> sides{Document().add("$toLong", "$" + field), Document().add("$toLong", "$$NOW")};
  return Document().add_array("$lt", sides);
}

}  // namespace treering
