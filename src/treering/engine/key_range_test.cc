// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/key_range.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>

#include "treering/base/error.h"

namespace treering {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

TEST(KeyRange, MayBeginWithItsFirstValue) {
  EXPECT_EQ(words(range_query("_id", {json(R"({"": 1})"), json(R"({"": 9})"), RangeStart::with}, {})),
            json(R"({"_id": {"$gte": 1, "$lte": 9}})").json());
  EXPECT_EQ(words(range_query("k", {json(R"({"": null})"), json(R"({"": "m"})"), RangeStart::with}, {})),
            json(R"({"$or": [{"k": {"$gte": null}}, {"k": {"type": ["number"]}}, {"k": {"$lte": "m"}}]})").json());
}

TEST(KeyRange, SeesDocumentsWithoutTheKeyBetweenMinKeyAndTheNumbers) {
  const KeyRange range{json(R"({"": {"$minKey": 1}})"), json(R"({"": 5.5})"), RangeStart::with};
  const std::string query = words(range_query("k", range, {}));
  EXPECT_TRUE(query.starts_with(R"({ "$or" : [ { "k" : { "$minKey" : 1 } }, )")) << query;
  EXPECT_NE(query.find(R"({ "k" : { "$exists" : false } })"), std::string::npos) << query;
}

TEST(KeyRange, CrossesTypes) {
  EXPECT_EQ(words(range_query("_id", {json(R"({"": 5})"), json(R"({"": {"$oid": "507f1f77bcf86cd799439011"}})")}, {})),
            json(R"({"$or": [{"_id": {"$gt": 5}}, {"_id": {"type": ["string", "object", "binData"]}},
                             {"_id": {"$lte": {"$oid": "507f1f77bcf86cd799439011"}}}]})")
                .json());
}

TEST(KeyRange, GoesOnAfterAValueByTypes) {
  EXPECT_THAT(after_queries("_id", {}, json(R"({"a": 1})")), ElementsAre(json(R"({"a": 1})")));
  const auto queries = after_queries("_id", json(R"({"": true})"), json(R"({"a": 1})"));
  ASSERT_EQ(queries.size(), 2U);
  EXPECT_EQ(queries[0], json(R"({"$and": [{"_id": {"$gt": true}}, {"a": 1}]})"));
  EXPECT_EQ(words(queries[1]),
            json(R"({"$and": [{"_id": {"type": ["date", "timestamp", "maxKey"]}}, {"a": 1}]})").json());
}

TEST(KeyRange, KnowsThatMinKeyAndMaxKeyCompareWithEverything) {
  const Document lowest = json(R"({"": {"$minKey": 1}})");
  EXPECT_EQ(words(range_query("_id", {lowest, lowest, RangeStart::with}, {})),
            json(R"({"_id": {"$minKey": 1}})").json());
  EXPECT_EQ(words(range_query("_id", {lowest, lowest}, {})), json(R"({"$nor": [{}]})").json());
  EXPECT_EQ(words(range_query("_id", {json(R"({"": "m"})"), json(R"({"": {"$maxKey": 1}})")}, {})),
            json(R"({"$or": [{"_id": {"$gt": "m"}},
                             {"_id": {"type": ["object", "binData", "objectId", "bool", "date", "timestamp",
                                                "maxKey"]}}]})")
                .json());
  EXPECT_THAT(after_queries("_id", json(R"({"": {"$maxKey": 1}})"), {}), IsEmpty());
}

TEST(KeyRange, KnowsThatNanIsTheLowestNumberAndComparesWithNone) {
  const Document nan = Document().add("", std::nan(""));
  EXPECT_EQ(words(range_query("_id", {nan, json(R"({"": 5})")}, {})),
            Document()
                .add_array("$and", {Document().add("_id", Document().add("$gte", -INFINITY)),
                                    Document().add_array(
                                        "$or", {json(R"({"_id": {"$lte": 5}})"), Document().add("_id", std::nan(""))})})
                .json());
  EXPECT_EQ(
      words(range_query("_id", {nan, json(R"({"": "m"})"), RangeStart::with}, {})),
      Document()
          .add_array("$or", {Document().add_array("$or", {Document().add("_id", std::nan("")),
                                                          Document().add("_id", Document().add("$gte", -INFINITY))}),
                             json(R"({"_id": {"$lte": "m"}})")})
          .json());
}

TEST(KeyRange, RefusesArrays) {
  EXPECT_THROW(range_query("tags", {json(R"({"": 1})"), json(R"({"": [1]})")}, {}), Error);
}

}  // namespace
}  // namespace treering
