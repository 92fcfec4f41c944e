// SPDX-License-Identifier: Apache-2.0
// Every kind and option of an index: as specified and as a server lists it, both become the one canonical form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treering/schema/canonical.h"

namespace treering {
namespace {

Document json(const char* text) { return Document::from_json(text); }

struct Row {
  const char* what;
  const char* specified;
  const char* listed;
  const char* canonical;
};

const std::vector<Row> kRows{
    {"one field", R"({"key": {"a": 1}})", R"({"v": 2, "key": {"a": 1}, "name": "a_1"})",
     R"({"key": {"a": 1}, "name": "a_1"})"},
    {"a double as direction", R"({"key": {"a": 1.0}})",
     R"({"v": 2, "key": {"a": {"$numberDouble": "1.0"}}, "name": "a_1"})", R"({"key": {"a": 1}, "name": "a_1"})"},
    {"a long as direction", R"({"key": {"a": {"$numberLong": "-1"}}})",
     R"({"v": 2, "key": {"a": {"$numberLong": "-1"}}, "name": "a_-1"})", R"({"key": {"a": -1}, "name": "a_-1"})"},
    {"several fields, in their order", R"({"key": {"b": 1, "a": -1, "c.d": 1}})",
     R"({"v": 2, "key": {"b": 1, "a": -1, "c.d": 1}, "name": "b_1_a_-1_c.d_1"})",
     R"({"key": {"b": 1, "a": -1, "c.d": 1}, "name": "b_1_a_-1_c.d_1"})"},
    {"an old namespace and version", R"({"key": {"a": 1}, "name": "n"})",
     R"({"v": 1, "key": {"a": 1}, "name": "n", "ns": "app.c", "safe": true, "dropDups": true})",
     R"({"key": {"a": 1}, "name": "n"})"},
    {"unique", R"({"key": {"a": 1}, "unique": 1})", R"({"v": 2, "unique": true, "key": {"a": 1}, "name": "a_1"})",
     R"({"key": {"a": 1}, "name": "a_1", "unique": true})"},
    {"flags that are off", R"({"key": {"a": 1}, "unique": false, "sparse": 0, "hidden": false})",
     R"({"v": 2, "key": {"a": 1}, "name": "a_1", "sparse": false, "prepareUnique": false})",
     R"({"key": {"a": 1}, "name": "a_1"})"},
    {"sparse and hidden, in order of names", R"({"key": {"a": 1}, "sparse": true, "hidden": true})",
     R"({"v": 2, "key": {"a": 1}, "name": "a_1", "sparse": true, "hidden": true})",
     R"({"key": {"a": 1}, "name": "a_1", "hidden": true, "sparse": true})"},
    {"background", R"({"key": {"a": 1}, "background": true})",
     R"({"v": 2, "key": {"a": 1}, "name": "a_1", "background": true})", R"({"key": {"a": 1}, "name": "a_1"})"},
    {"a filter, numbers by value", R"({"key": {"a": 1}, "partialFilterExpression": {"a": {"$gt": 5.0}, "b": [0.5]}})",
     R"({"v": 2, "key": {"a": 1}, "name": "a_1",
         "partialFilterExpression": {"a": {"$gt": {"$numberLong": "5"}}, "b": [0.5]}})",
     R"({"key": {"a": 1}, "name": "a_1", "partialFilterExpression": {"a": {"$gt": 5}, "b": [0.5]}})"},
    {"expiry", R"({"key": {"d": 1}, "expireAfterSeconds": 3600.0})",
     R"({"v": 2, "key": {"d": 1}, "name": "d_1", "expireAfterSeconds": {"$numberLong": "3600"}})",
     R"({"key": {"d": 1}, "name": "d_1", "expireAfterSeconds": 3600})"},
    {"expiry at once", R"({"key": {"d": 1}, "expireAfterSeconds": 0})",
     R"({"v": 2, "key": {"d": 1}, "name": "d_1", "expireAfterSeconds": 0})",
     R"({"key": {"d": 1}, "name": "d_1", "expireAfterSeconds": 0})"},
    {"collation", R"({"key": {"a": 1}, "collation": {"locale": "en", "strength": 2, "caseLevel": true}})",
     R"({"v": 2, "key": {"a": 1}, "name": "a_1", "collation": {"locale": "en", "caseLevel": true, "caseFirst": "off",
         "strength": 2, "numericOrdering": false, "alternate": "non-ignorable", "maxVariable": "punct",
         "normalization": false, "backwards": false, "version": "57.1"}})",
     R"({"key": {"a": 1}, "name": "a_1", "collation": {"locale": "en", "caseLevel": true, "strength": 2}})"},
    {"simple collation", R"({"key": {"a": 1}, "collation": {"locale": "simple"}})",
     R"({"v": 2, "key": {"a": 1}, "name": "a_1"})", R"({"key": {"a": 1}, "name": "a_1"})"},
    {"2dsphere", R"({"key": {"loc": "2dsphere"}})",
     R"({"v": 2, "key": {"loc": "2dsphere"}, "name": "loc_2dsphere", "2dsphereIndexVersion": 3})",
     R"({"key": {"loc": "2dsphere"}, "name": "loc_2dsphere"})"},
    {"2d", R"({"key": {"loc": "2d"}, "min": -100})",
     R"({"v": 2, "key": {"loc": "2d"}, "name": "loc_2d", "bits": 26, "min": {"$numberDouble": "-100"},
         "max": {"$numberDouble": "180.0"}})",
     R"({"key": {"loc": "2d"}, "name": "loc_2d", "min": -100})"},
    {"hashed", R"({"key": {"a": "hashed", "b": 1}})",
     R"({"v": 2, "key": {"a": "hashed", "b": 1}, "name": "a_hashed_b_1"})",
     R"({"key": {"a": "hashed", "b": 1}, "name": "a_hashed_b_1"})"},
    {"wildcard", R"({"key": {"a.$**": 1}})", R"({"v": 2, "key": {"a.$**": 1}, "name": "a.$**_1"})",
     R"({"key": {"a.$**": 1}, "name": "a.$**_1"})"},
    {"wildcard with a projection",
     R"({"key": {"$**": 1}, "wildcardProjection": {"b": {"d": false, "c": true}, "a": 1}})",
     R"({"v": 2, "key": {"$**": 1}, "name": "$**_1", "wildcardProjection": {"a": true, "b": {"c": 1.0, "d": 0}}})",
     R"({"key": {"$**": 1}, "name": "$**_1", "wildcardProjection": {"a": 1, "b": {"c": 1, "d": 0}}})"},
    {"text", R"({"key": {"t": "text"}})",
     R"({"v": 2, "key": {"_fts": "text", "_ftsx": 1}, "name": "t_text", "weights": {"t": 1},
         "default_language": "english", "language_override": "language", "textIndexVersion": 3})",
     R"({"key": {"t": "text"}, "name": "t_text"})"},
    {"text on several fields, beside others",
     R"({"key": {"x": 1, "u": "text", "t": "text", "z": -1}, "weights": {"t": 10, "w": 3, "u": 1},
         "default_language": "french", "language_override": "lang"})",
     R"({"v": 2, "key": {"x": 1, "_fts": "text", "_ftsx": 1, "z": -1}, "name": "x_1_u_text_t_text_z_-1",
         "weights": {"t": 10, "u": 1, "w": 3}, "default_language": "french", "language_override": "lang",
         "textIndexVersion": 3})",
     R"({"key": {"x": 1, "t": "text", "u": "text", "w": "text", "z": -1}, "name": "x_1_u_text_t_text_z_-1",
         "default_language": "french", "language_override": "lang", "weights": {"t": 10, "w": 3}})"},
    {"text on everything", R"({"key": {"$**": "text"}, "weights": {"a": 5}})",
     R"({"v": 2, "key": {"_fts": "text", "_ftsx": 1}, "name": "$**_text", "weights": {"$**": 1, "a": 5},
         "default_language": "english", "language_override": "language", "textIndexVersion": 3})",
     R"({"key": {"$**": "text", "a": "text"}, "name": "$**_text", "weights": {"a": 5}})"},
    {"a weight of a field that stands beside", R"({"key": {"a": 1, "t": "text"}, "weights": {"a": 1}})",
     R"({"v": 2, "key": {"a": 1, "_fts": "text", "_ftsx": 1}, "name": "a_1_t_text", "weights": {"a": 1, "t": 1},
         "default_language": "english", "language_override": "language", "textIndexVersion": 3})",
     R"({"key": {"a": 1, "t": "text"}, "name": "a_1_t_text", "weights": {"a": 1}})"},
    {"storageEngine", R"({"key": {"a": 1}, "storageEngine": {"wiredTiger": {"configString": ""}}})",
     R"({"v": 2, "key": {"a": 1}, "name": "a_1", "storageEngine": {"wiredTiger": {"configString": ""}}})",
     R"({"key": {"a": 1}, "name": "a_1", "storageEngine": {"wiredTiger": {"configString": ""}}})"},
    {"an empty storageEngine", R"({"key": {"a": 1}, "storageEngine": {}})",
     R"({"v": 2, "key": {"a": 1}, "name": "a_1"})", R"({"key": {"a": 1}, "name": "a_1"})"},
    {"an option of a later server", R"({"key": {"a": 1}, "zeta": 2.0, "beta": [1.0]})",
     R"({"v": 2, "key": {"a": 1}, "name": "a_1", "zeta": 2, "beta": [1]})",
     R"({"key": {"a": 1}, "name": "a_1", "beta": [1], "zeta": 2})"},
};

TEST(CanonicalIndex, SpecifiedAndListedAreOne) {
  for (const Row& row : kRows) {
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
