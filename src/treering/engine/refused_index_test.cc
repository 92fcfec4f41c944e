// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/refused_index.h"

#include <gtest/gtest.h>

namespace treering {
namespace {

Document index(const std::string& name, const std::string& field) {
  return Document().add("key", Document().add(field, 1)).add("name", name);
}

Document refusal(const std::string& message, int code) {
  return Document().add("ok", 0.0).add("errmsg", message).add("code", code);
}

struct Row {
  std::vector<Document> indexes;
  std::string message;
  int code;
  std::optional<std::size_t> refused;
};

// The messages are a server's.
const Row kRows[] = {
    {{index("x_1", "x"), index("a_1", "a")},
     "Index build failed: 43df2003: Collection s.c :: caused by :: E11000 duplicate key error collection: s.c index: "
     "a_1 dup key: { a: 1 }",
     11000,
     1},
    {{index("a_1", "a"), index("data_1", "data")},
     "E11000 duplicate key error collection: s.c index: data_1 dup key: { data: 1 }",
     11000,
     1},
    {{index("x_1", "x"), index("e_1", "b")},
     "An existing index has the same name as the requested index. Requested index: { v: 2, key: { b: 1 }, name: "
     "\"e_1\" }, existing index: { v: 2, key: { e: 1 }, name: \"e_1\" }",
     86,
     1},
    {{index("x_1", "x"), index("other", "b")},
     "An equivalent index already exists with a different name and options. Requested index: { key: { b: 1 }, name: "
     "\"other\" }, existing index: { key: { b: 1 }, name: \"x_1\" }",
     85,
     1},
    {{index("e_1", "e"), index("z", "e")}, "Index already exists with a different name: e_1", 85, 1},
    {{index("z", "e"), index("y", "e")}, "Index already exists with a different name: e_1", 85, std::nullopt},
    {{index("x_1", "x"), index("q_0", "q")},
     "Error in specification { name: \"q_0\", key: { q: 0 } } :: caused by :: Values in the index key pattern cannot "
     "be "
     "0.",
     67,
     1},
    {{index("x_1", "x"), index("x_1", "y")},
     "An existing index has the same name as the requested index. Requested index: { key: { y: 1 }, name: \"x_1\" }, "
     "existing index: { key: { x: 1 }, name: \"x_1\" }",
     86,
     1},
    {{index("x_1", "x"), index("y_1", "y")},
     "Error in specification, partialFilterExpression is invalid: unknown operator $bad",
     2,
     std::nullopt},
    {{index("", "x"), index("y_1", "y")}, "not authorized", 13, std::nullopt},
    {{index("x_1", "x")}, "not authorized", 13, 0},
};

TEST(RefusedIndex, IsTheOneThatTheServerMeans) {
  for (const Row& row : kRows)
    EXPECT_EQ(refused_index({"c", row.indexes, {}}, refusal(row.message, row.code)), row.refused) << row.message;
}

}  // namespace
}  // namespace treering
