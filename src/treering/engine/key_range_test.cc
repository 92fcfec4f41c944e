// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/key_range.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "treering/base/error.h"

namespace treering {
namespace {

Document json(const char* text) { return Document::from_json(text); }

// Extended JSON takes "type" for a part of a binary: it is "type" in what is expected here.
std::string words(const Document& query) {
  std::string text = query.json();
  for (std::size_t at; (at = text.find("\"$type\"")) != std::string::npos;) text.erase(at + 1, 1);
  return text;
}

TEST(KeyRange, IsTwoBoundsWithinOneType) {
  EXPECT_EQ(words(range_query("_id", {json(R"({"": 1})"), json(R"({"": 9})")}, {})),
            json(R"({"_id": {"$gt": 1, "$lte": 9}})").json());
  EXPECT_EQ(words(range_query("at", {json(R"({"": 1})"), json(R"({"": 9.5})")}, json(R"({"a": 1})"))),
            json(R"({"$and": [{"at": {"$gt": 1, "$lte": 9.5}}, {"a": 1}]})").json());
}

TEST(KeyRange, BeginsBeforeEverything) {
  EXPECT_EQ(words(range_query("_id", {{}, json(R"({"": "m"})")}, {})),
            json(R"({"$or": [{"$or": [{"_id": {"type": ["minKey", "null", "number"]}}, {"_id": {"$exists": false}}]},
                             {"_id": {"$lte": "m"}}]})")
                .json());
}

TEST(KeyRange, CrossesTypes) {
  EXPECT_EQ(words(range_query("_id", {json(R"({"": 5})"), json(R"({"": {"$oid": "507f1f77bcf86cd799439011"}})")}, {})),
            json(R"({"$or": [{"_id": {"$gt": 5}}, {"_id": {"type": ["string", "object", "binData"]}},
                             {"_id": {"$lte": {"$oid": "507f1f77bcf86cd799439011"}}}]})")
                .json());
}

TEST(KeyRange, GoesOnAfterAValue) {
  EXPECT_EQ(after_query("_id", {}, json(R"({"a": 1})")), json(R"({"a": 1})"));
  EXPECT_EQ(words(after_query("_id", json(R"({"": true})"), {})),
            json(R"({"$or": [{"_id": {"$gt": true}}, {"_id": {"type": ["date", "timestamp", "maxKey"]}}]})").json());
}

TEST(KeyRange, KnowsThatMinKeyAndMaxKeyCompareWithEverything) {
  EXPECT_EQ(words(range_query("_id", {{}, json(R"({"": {"$minKey": 1}})")}, {})),
            json(R"({"_id": {"type": ["minKey"]}})").json());
  EXPECT_EQ(words(range_query("_id", {json(R"({"": "m"})"), json(R"({"": {"$maxKey": 1}})")}, {})),
            json(R"({"$or": [{"_id": {"$gt": "m"}},
                             {"_id": {"type": ["object", "binData", "objectId", "bool", "date", "timestamp",
                                                "maxKey"]}}]})")
                .json());
  EXPECT_EQ(words(after_query("_id", json(R"({"": {"$maxKey": 1}})"), {})), json(R"({"$nor": [{}]})").json());
}

TEST(KeyRange, KnowsThatNanIsTheLowestNumberAndComparesWithNone) {
  const Document nan = Document().add("", std::nan(""));
  EXPECT_EQ(words(range_query("_id", {nan, json(R"({"": 5})")}, {})),
            Document()
                .add_array("$and", {Document().add("_id", Document().add("$gte", -INFINITY)),
                                    Document().add_array(
                                        "$or", {json(R"({"_id": {"$lte": 5}})"), Document().add("_id", std::nan(""))})})
                .json());
}

TEST(KeyRange, RefusesArrays) { EXPECT_THROW(range_query("tags", {{}, json(R"({"": [1]})")}, {}), Error); }

}  // namespace
}  // namespace treering
