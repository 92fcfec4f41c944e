// SPDX-License-Identifier: Apache-2.0
// Documents as servers list them: measured ones, and those of text and hashed indexes after MongoDB's manual.
#include "treering/schema/live_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace treering {
namespace {

using testing::ElementsAre;

Document json(const char* text) { return Document::from_json(text); }

std::vector<std::string> read(const char* listed, const std::vector<const char*>& indexes) {
  Collection collection = collection_from_listing(json(listed));
  std::vector<Document> documents;
  for (const char* index : indexes) documents.push_back(json(index));
  set_listed_indexes(collection, documents);
  std::vector<std::string> result{collection.name, collection.options.json()};
  for (const Index& index : collection.indexes) result.push_back(index.spec.json());
  return result;
}

std::string text(const char* value) { return json(value).json(); }

constexpr const char* kIdIndex = R"({"v": 2, "key": {"_id": 1}, "name": "_id_"})";

TEST(LiveSchema, ReadsAPlainCollectionAndEveryKindOfIndex) {
  EXPECT_THAT(
      read(R"({"name": "users", "type": "collection", "options": {}, "info": {"readOnly": false,
               "uuid": {"$binary": {"base64": "AAECAwQFBgcICQoLDA0ODw==", "subType": "04"}}},
               "idIndex": {"v": 2, "key": {"_id": 1}, "name": "_id_", "ns": "app.users"}})",
           {kIdIndex, R"({"v": 2, "key": {"d": 1}, "name": "d_1", "expireAfterSeconds": 3600})",
            R"({"v": 2, "key": {"a": 1}, "name": "a_1", "unique": true, "sparse": true})",
            R"({"v": 2, "key": {"loc": "2d"}, "name": "loc_2d", "bits": 26, "min": {"$numberDouble": "-180.0"},
                "max": {"$numberDouble": "180.0"}})",
            R"({"v": 2, "key": {"loc": "2dsphere"}, "name": "loc_2dsphere", "2dsphereIndexVersion": 3})",
            R"({"v": 2, "key": {"a": "hashed"}, "name": "a_hashed"})",
            R"({"v": 2, "key": {"$**": 1}, "name": "w", "wildcardProjection": {"a": 1, "b.c": 1}})",
            R"({"v": 2, "key": {"_fts": "text", "_ftsx": 1, "z": 1}, "name": "tx", "weights": {"t": 10, "u": 3},
                "default_language": "french", "language_override": "lang", "textIndexVersion": 3})",
            R"({"key": {"q": 1}, "name": "q_1", "prepareUnique": true, "v": 2})"}),
      ElementsAre("users", "{ }", text(R"({"key": {"d": 1}, "name": "d_1", "expireAfterSeconds": 3600})"),
                  text(R"({"key": {"a": 1}, "name": "a_1", "sparse": true, "unique": true})"),
                  text(R"({"key": {"loc": "2d"}, "name": "loc_2d"})"),
                  text(R"({"key": {"loc": "2dsphere"}, "name": "loc_2dsphere"})"),
                  text(R"({"key": {"a": "hashed"}, "name": "a_hashed"})"),
                  text(R"({"key": {"$**": 1}, "name": "w", "wildcardProjection": {"a": 1, "b.c": 1}})"),
                  text(R"({"key": {"t": "text", "u": "text", "z": 1}, "name": "tx", "default_language": "french",
                           "language_override": "lang", "weights": {"t": 10, "u": 3}})"),
                  text(R"({"key": {"q": 1}, "name": "q_1", "prepareUnique": true})")));
}

TEST(LiveSchema, ReadsACollectionWithACollation) {
  constexpr const char* kFrench = R"({"locale": "fr", "caseLevel": false, "caseFirst": "off", "strength": 1,
      "numericOrdering": false, "alternate": "non-ignorable", "maxVariable": "punct", "normalization": false,
      "backwards": false, "version": "57.1"})";
  const std::string collation = R"("collation": )" + std::string(kFrench);
  const std::string listed = R"({"name": "c", "type": "collection", "options": {)" + collation + "}}";
  const std::string id = R"({"v": 2, "key": {"_id": 1}, "name": "_id_", )" + collation + "}";
  const std::string inherits = R"({"v": 2, "key": {"a": 1}, "name": "a_1", )" + collation + "}";
  EXPECT_THAT(read(listed.c_str(), {id.c_str(), inherits.c_str(), R"({"v": 2, "key": {"b": 1}, "name": "b_1"})"}),
              ElementsAre("c", text(R"({"collation": {"locale": "fr", "strength": 1}})"),
                          text(R"({"key": {"a": 1}, "name": "a_1"})"),
                          text(R"({"key": {"b": 1}, "name": "b_1", "collation": {"locale": "simple"}})")));
}

TEST(LiveSchema, ReadsViewsTimeSeriesClusteredAndCappedCollections) {
  EXPECT_THAT(read(R"({"name": "v", "type": "view", "options": {"viewOn": "users", "pipeline": []},
                       "info": {"readOnly": true}})",
                   {}),
              ElementsAre("v", text(R"({"viewOn": "users"})")));
  EXPECT_THAT(read(R"({"name": "s", "type": "timeseries", "options": {"expireAfterSeconds": {"$numberLong": "3600"},
                       "timeseries": {"timeField": "t", "metaField": "m", "granularity": "minutes",
                       "bucketMaxSpanSeconds": 86400}}, "info": {"readOnly": false}})",
                   {R"({"v": 2, "key": {"m": 1, "t": 1}, "name": "m_1_t_1"})",
                    R"({"v": 2, "key": {"m.sensor": 1}, "name": "m.sensor_1"})"}),
              ElementsAre("s", text(R"({"expireAfterSeconds": 3600, "timeseries": {"timeField": "t", "metaField": "m",
                                   "granularity": "minutes"}})"),
                          text(R"({"key": {"m.sensor": 1}, "name": "m.sensor_1"})")));
  EXPECT_THAT(read(R"({"name": "k", "type": "collection", "options": {"clusteredIndex": {"v": 2, "key": {"_id": 1},
                       "name": "ck", "unique": true}}, "info": {"readOnly": false}})",
                   {R"({"v": 2, "key": {"_id": 1}, "name": "ck", "unique": true, "clustered": true})"}),
              ElementsAre("k", text(R"({"clusteredIndex": {"key": {"_id": 1}, "name": "ck", "unique": true}})")));
  EXPECT_THAT(read(R"({"name": "p", "type": "collection", "options": {"capped": true, "size": 8192, "max": 5},
                       "idIndex": {"v": 2, "key": {"_id": 1}, "name": "_id_"}})",
                   {kIdIndex}),
              ElementsAre("p", text(R"({"capped": true, "max": 5, "size": 8192})")));
}

TEST(LiveSchema, SetsTheIndexesAnew) {
  Collection collection = collection_from_listing(json(R"({"name": "c"})"));
  set_listed_indexes(collection, {json(R"({"key": {"a": 1}, "name": "a_1"})")});
  set_listed_indexes(collection, {json(R"({"key": {"b": 1}, "name": "b_1"})")});
  ASSERT_EQ(collection.indexes.size(), 1U);
  EXPECT_EQ(collection.indexes.front().name(), "b_1");
}

}  // namespace
}  // namespace treering
