// SPDX-License-Identifier: Apache-2.0
// Every kind and option of an index: as specified and as a server lists it, both become the one canonical form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index_rows.h"
#include "treering/schema/canonical.h"

namespace treering {
namespace {

Document json(const char* text) { return Document::from_json(text); }

TEST(CanonicalIndex, SpecifiedAndListedAreOne) {
  for (const IndexRow& row : kIndexRows) {
    SCOPED_TRACE(row.what);
    const auto specified = canonical_index(json(row.specified), {}, IndexSource::specification);
    const auto listed = canonical_index(json(row.listed), {}, IndexSource::listing);
    ASSERT_TRUE(specified && listed);
    EXPECT_EQ(specified->spec.json(), json(row.canonical).json());
    EXPECT_EQ(listed->spec.json(), json(row.canonical).json());
    EXPECT_EQ(*specified, *listed);  // bytes: types of numbers included
  }
}

TEST(CanonicalIndex, KeepsTheKeyAsWrittenWhereItsTextFieldsStandInAnotherOrder) {
  const auto index = canonical_index(json(R"({"key": {"b": "text", "a": "text"}})"), {}, IndexSource::specification);
  ASSERT_TRUE(index && index->written_key);
  EXPECT_EQ(index->key(), json(R"({"b": "text", "a": "text"})"));
  EXPECT_EQ(index->name(), "b_text_a_text");
  EXPECT_EQ(index->spec.document("key"), json(R"({"a": "text", "b": "text"})"));
  const auto in_order = canonical_index(json(R"({"key": {"a": "text", "b": "text"}})"), {}, IndexSource::specification);
  EXPECT_EQ(in_order->written_key, nullptr);
}

TEST(CanonicalIndex, InheritsTheCollationOfItsCollection) {
  const Document french = canonical_options(json(R"({"collation": {"locale": "fr", "strength": 2}})"));
  const auto spec = [&](const char* text, IndexSource source) {
    return canonical_index(json(text), french, source)->spec.json();
  };
  const std::string plain = json(R"({"key": {"a": 1}, "name": "a_1"})").json();
  const std::string simple = json(R"({"key": {"a": 1}, "name": "a_1", "collation": {"locale": "simple"}})").json();
  EXPECT_EQ(spec(R"({"key": {"a": 1}})", IndexSource::specification), plain);
  EXPECT_EQ(spec(R"({"key": {"a": 1}, "collation": {"strength": 2, "locale": "fr"}})", IndexSource::specification),
            plain);
  EXPECT_EQ(spec(R"({"key": {"a": 1}, "name": "a_1",
                     "collation": {"locale": "fr", "caseFirst": "off", "strength": 2.0, "version": "57.1"}})",
                 IndexSource::listing),
            plain);
  EXPECT_EQ(spec(R"({"key": {"a": 1}, "name": "a_1"})", IndexSource::listing), simple);
  EXPECT_EQ(spec(R"({"key": {"a": 1}, "collation": {"locale": "simple"}})", IndexSource::specification), simple);
  EXPECT_EQ(spec(R"({"key": {"a": 1}, "collation": {"locale": "en"}})", IndexSource::specification),
            json(R"({"key": {"a": 1}, "name": "a_1", "collation": {"locale": "en"}})").json());
}

TEST(CanonicalIndex, LeavesOutWhatTheServerMakesByItself) {
  const auto is_managed = [](const char* index, const char* options = "{}") {
    return canonical_index(json(index), canonical_options(json(options)), IndexSource::listing).has_value();
  };
  EXPECT_FALSE(is_managed(R"({"v": 2, "key": {"_id": 1}, "name": "_id_"})"));
  EXPECT_FALSE(is_managed(R"({"v": 2, "key": {"_id": {"$numberDouble": "1.0"}}, "name": "_id_", "ns": "app.c"})"));
  EXPECT_FALSE(is_managed(R"({"v": 2, "key": {"_id": 1}, "name": "ck", "unique": true, "clustered": true})"));
  EXPECT_TRUE(is_managed(R"({"v": 2, "key": {"_id": "hashed"}, "name": "_id_hashed"})"));
  EXPECT_TRUE(is_managed(R"({"v": 2, "key": {"_id": 1, "a": 1}, "name": "_id_1_a_1"})"));

  constexpr const char* kSeries = R"({"timeseries": {"timeField": "ts", "metaField": "meta"}})";
  EXPECT_FALSE(is_managed(R"({"v": 2, "key": {"meta": 1, "ts": 1}, "name": "meta_1_ts_1"})", kSeries));
  EXPECT_TRUE(is_managed(R"({"v": 2, "key": {"meta": 1, "ts": 1}, "name": "meta_1_ts_1"})"));
  EXPECT_TRUE(is_managed(R"({"v": 2, "key": {"meta": 1, "ts": 1}, "name": "mine"})", kSeries));
  EXPECT_TRUE(is_managed(R"({"v": 2, "key": {"meta": 1, "ts": -1}, "name": "meta_1_ts_-1"})", kSeries));
  EXPECT_TRUE(is_managed(R"({"v": 2, "key": {"meta": 1, "ts": 1}, "name": "meta_1_ts_1", "hidden": true})", kSeries));
}

TEST(CanonicalIndex, TakesOddInputFromAServerAsItIs) {
  for (const char* odd : {"{}", R"({"key": 3})", R"({"key": {"a": true}, "name": 5})", R"({"key": {"a": []}})",
                          R"({"key": {"a": "text"}, "weights": 7})", R"({"key": {"a": 1}, "collation": "fr"})",
                          R"({"key": {"_fts": "text", "_ftsx": 1}, "weights": {"a": "heavy"}})",
                          R"({"key": {"a": "2d"}, "bits": "many"})", R"({"key": {"a": 1}, "unique": "yes"})"})
    EXPECT_NO_THROW(canonical_index(json(odd), {}, IndexSource::listing)) << odd;
}

}  // namespace
}  // namespace treering
