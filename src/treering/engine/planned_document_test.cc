// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/planned_document.h"

#include <gtest/gtest.h>

namespace treering {
namespace {

Document json(const char* text) { return Document::from_json(text); }

// {"u": ...} applied to a document.
std::string after(const char* before, const char* update, bool inserts = false) {
  const Document holder = json(update);
  return after_update(json(before), *holder.find("u"), inserts).json();
}

TEST(PlannedDocument, TakesWhatTheFilterAsksToBeEqual) {
  EXPECT_EQ(
      begun_by_filter(json(R"({"_id": 7})"),
                      json(R"({"_id": {"$gt": 3}, "a": 1, "b": {"$eq": 2}, "c": {"$gt": 1}, "d.e": 1, "f": {"g": 1},
                                     "$or": []})")),
      json(R"({"_id": 7, "a": 1, "b": 2, "f": {"g": 1}})"));
}

TEST(PlannedDocument, IsChangedByTheOperatorsOfFieldsAtTheTop) {
  EXPECT_EQ(after(R"({"_id": 1, "n": 4})", R"({"u": {"$inc": {"n": 2, "m": 1}}})"),
            json(R"({"_id": 1, "n": {"$numberLong": "6"}, "m": {"$numberLong": "1"}})").json());
  EXPECT_EQ(after(R"({"n": 4})", R"({"u": {"$mul": {"n": 2.5, "m": 3}}})"),
            json(R"({"n": 10.0, "m": {"$numberLong": "0"}})").json());
  EXPECT_EQ(after(R"({"a": 1, "b": 2})", R"({"u": {"$set": {"a": "x", "c.d": 1}, "$unset": {"b": ""}}})"),
            json(R"({"a": "x"})").json());
  EXPECT_EQ(after(R"({"a": 1, "b": 2})", R"({"u": {"$min": {"a": 0, "b": 5}, "$max": {"c": 3}}})"),
            json(R"({"a": 0, "b": 2, "c": 3})").json());
  EXPECT_EQ(after(R"({"_id": 1})", R"({"u": {"$setOnInsert": {"a": 1}}})"), json(R"({"_id": 1})").json());
  EXPECT_EQ(after(R"({"_id": 1})", R"({"u": {"$setOnInsert": {"a": 1}}})", true), json(R"({"_id": 1, "a": 1})").json());
}

TEST(PlannedDocument, IsReplacedAsAWhole) {
  EXPECT_EQ(after(R"({"_id": 1, "a": 1})", R"({"u": {"b": 2}})"), json(R"({"_id": 1, "b": 2})").json());
  EXPECT_EQ(after(R"({"_id": 1, "a": 1})", R"({"u": [{"$set": {"b": 2}}]})"), json(R"({"_id": 1, "a": 1})").json());
}

TEST(PlannedDocument, HasWhatAProjectionLeaves) {
  const Document document = json(R"({"_id": 1, "a": 1, "b": 2})");
  EXPECT_EQ(projected(document, {}), document);
  EXPECT_EQ(projected(document, json(R"({"a": 1})")), json(R"({"_id": 1, "a": 1})"));
  EXPECT_EQ(projected(document, json(R"({"a": true, "_id": 0})")), json(R"({"a": 1})"));
  EXPECT_EQ(projected(document, json(R"({"a": 0})")), json(R"({"_id": 1, "b": 2})"));
}

}  // namespace
}  // namespace treering
