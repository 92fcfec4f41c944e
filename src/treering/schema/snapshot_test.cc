// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "gen/schema_generator.h"
#include "treering/base/error.h"

namespace treering {
namespace {

using testing::HasSubstr;

TEST(Snapshot, ReadsBackWhatItWrote) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Schema schema = SchemaGenerator(seed).any().schema();
    const std::string text = snapshot_text(schema);
    const Schema back = schema_from_snapshot(text, "s.json");
    ASSERT_EQ(back, schema) << "seed " << seed << "\n" << text;
    ASSERT_EQ(snapshot_text(back), text) << "seed " << seed;
  }
}

TEST(Snapshot, KeepsBytesOfOddDocuments) {
  Collection collection;
  collection.name = "c";
  Document odd;
  odd.add("_id", 1)
      .add("a", Document().add("$oid", "no id"))
      .add("b", Document().add("$regex", "^a").add("$options", "i"));
  odd.add("c", Document().add("$type", 2))
      .add("d", std::int64_t{5})
      .add("e", 1.0)
      .add("f", Document().add("$fields", 1))
      .add("g", Document().add("twice", 1).add("twice", 2));
  collection.data.push_back(odd);
  const Schema schema({collection});
  EXPECT_EQ(schema_from_snapshot(snapshot_text(schema), "s").collections().front().data.front(), odd);
}

TEST(Snapshot, KnowsADropThatWasHeldBackAlsoOverBranches) {
  Collection collection;
  collection.name = "c";
  const Schema base({collection});
  collection.is_held_back = true;
  const Schema held = schema_from_snapshot(snapshot_text(Schema({collection})), "s");
  EXPECT_TRUE(held.find("c")->is_held_back);
  EXPECT_TRUE(merge_snapshots(base, {base, held}).find("c")->is_held_back);
  EXPECT_TRUE(merge_snapshots(base, {held, base}).find("c")->is_held_back);
  EXPECT_FALSE(merge_snapshots(held, {held, base}).find("c")->is_held_back);
}

TEST(Snapshot, KeepsTheTypesWithinAScope) {
  const std::string text =
      R"({"format": 1, "collections": {"c": {"options": {"f": {"$code": "x", "$scope": {"a": {"$numberLong": "5"}}}}}}})";
  const Schema schema = schema_from_snapshot(text, "s");
  EXPECT_EQ(schema.find("c")->options.find("f")->type(), BSON_TYPE_CODEWSCOPE);
  EXPECT_EQ(schema_from_snapshot(snapshot_text(schema), "s"), schema);
}

TEST(Snapshot, HasOneNaN) {
  Collection collection;
  collection.name = "c";
  collection.data.push_back(Document().add("_id", 1).add("computed", -std::numeric_limits<double>::quiet_NaN()));
  const Schema schema({collection});
  EXPECT_EQ(schema_from_snapshot(snapshot_text(schema), "s"), schema);
  const auto read = [](const std::string& nan) {
    return schema_from_snapshot(
        R"({"format": 1, "collections": {"c": {"options": {"v": {"$numberDouble": ")" + nan + "\"}}}}}", "s");
  };
  EXPECT_EQ(read("-nan"), read("NaN"));
  EXPECT_EQ(read("nan(1)"), read("NaN"));
}

TEST(Snapshot, SaysWhatIsWrongWithAFile) {
  const auto words = [](const std::string& text) {
    try {
      schema_from_snapshot(text, "snapshots/a.json");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(words("{"), HasSubstr("snapshots/a.json is no snapshot"));
  EXPECT_THAT(words("{}"), HasSubstr("format"));
  EXPECT_THAT(words(R"({"format": 2, "collections": {}})"), HasSubstr("newer Treering"));
  for (const char* format : {"0", "-1", "1.0", "1111111111111111111111111111111111111111", "\"1\"", "null"})
    EXPECT_THAT(words(R"({"format": )" + std::string(format) + R"(, "collections": {}})"),
                HasSubstr("should be a whole number from 1 on"));
  EXPECT_THAT(words(R"({"format": 1, "collections": {"a": {"data": [{"_id": 18446744073709551615}]}}})"),
              HasSubstr("_id is 18446744073709551615"));
  EXPECT_THAT(words(R"({"format": 1, "collections": {"a": {}, "b": {}, "a": {"options": {"capped": true}}}})"),
              HasSubstr("the collection a is in it twice"));
  EXPECT_THAT(words(R"({"format": 1, "collections": {"a": {"indexes": [{"name": "a_1"}]}}})"),
              HasSubstr("the index a.a_1 has no key"));
}

TEST(Snapshot, OneSideAloneIsThatSide) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SchemaGenerator generator(seed);
    const SchemaSketch sketch = generator.any();
    const Schema base = sketch.schema();
    const Schema side = generator.mutated(sketch).schema();
    ASSERT_EQ(merge_snapshots(base, {side}), side) << "seed " << seed;
    ASSERT_EQ(merge_snapshots(base, {side, base}), side) << "seed " << seed;
    ASSERT_EQ(merge_snapshots(base, {base, side}), side) << "seed " << seed;
  }
}

}  // namespace
}  // namespace treering
