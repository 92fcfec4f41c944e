// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "treering/schema/canonical.h"

namespace treering {
namespace {

Document json(const char* text) { return Document::from_json(text); }

struct Row {
  const char* given;
  const char* canonical;
};

void expect_rows(const std::vector<Row>& rows, Document (*canonical)(const Document&)) {
  for (const Row& row : rows) {
    const Document once = canonical(json(row.given));
    EXPECT_EQ(once.json(), json(row.canonical).json()) << row.given;
    EXPECT_EQ(once, json(row.canonical)) << row.given;  // types of numbers included
    EXPECT_EQ(canonical(once), once) << row.given;
  }
}

TEST(CanonicalOptions, LeavesOutWhatIsDefault) {
  expect_rows(
      {{R"({"capped": false, "autoIndexId": true, "recordPreImages": false})", "{}"},
       {R"({"uuid": 1, "idIndex": {"v": 2}, "temp": true, "flags": 1})", "{}"},
       {R"({"validator": {}, "validationLevel": "strict", "validationAction": "error"})", "{}"},
       {R"({"storageEngine": {}, "indexOptionDefaults": {}, "changeStreamPreAndPostImages": {"enabled": false}})",
        "{}"},
       {R"({"collation": {"locale": "simple"}, "expireAfterSeconds": "off"})", "{}"},
       {R"({"validator": {"a": 1.0}, "validationLevel": "moderate", "validationAction": "warn"})",
        R"({"validationAction": "warn", "validationLevel": "moderate", "validator": {"a": 1}})"},
       {R"({"changeStreamPreAndPostImages": {"enabled": true}})",
        R"({"changeStreamPreAndPostImages": {"enabled": true}})"},
       {R"({"zeta": 1.0, "encryptedFields": {"fields": [{"path": "a"}]}, "recordPreImages": true})",
        R"({"encryptedFields": {"fields": [{"path": "a"}]}, "recordPreImages": true, "zeta": 1})"}},
      canonical_options);
}

TEST(CanonicalOptions, RoundsTheSizeOfACappedCollectionAsTheServerDoes) {
  expect_rows({{R"({"size": 1, "capped": true, "max": 0})", R"({"capped": true, "size": 4096})"},
               {R"({"size": 4096, "capped": true, "max": 2147483647})", R"({"capped": true, "size": 4096})"},
               {R"({"capped": 1, "size": {"$numberDouble": "4097.0"}, "max": {"$numberLong": "5"}})",
                R"({"capped": true, "max": 5, "size": 4352})"},
               {R"({"capped": true, "size": 8192})", R"({"capped": true, "size": 8192})"},
               {R"({"capped": true, "size": {"$numberLong": "5000000001"}})",
                R"({"capped": true, "size": {"$numberLong": "5000000256"}})"},
               {R"({"capped": true, "size": {"$numberLong": "9223372036854775807"}})",
                R"({"capped": true, "size": {"$numberLong": "9223372036854775807"}})"}},
              canonical_options);
}

TEST(CanonicalOptions, LeavesOutTheBucketsThatAGranularityMeans) {
  expect_rows(
      {{R"({"timeseries": {"granularity": "seconds", "metaField": "m", "timeField": "t", "bucketMaxSpanSeconds": 3600}})",
        R"({"timeseries": {"timeField": "t", "metaField": "m"}})"},
       {R"({"timeseries": {"timeField": "t", "bucketMaxSpanSeconds": 3600.0, "bucketRoundingSeconds": 60}})",
        R"({"timeseries": {"timeField": "t"}})"},
       {R"({"timeseries": {"timeField": "t", "granularity": "minutes", "bucketMaxSpanSeconds": 86400}})",
        R"({"timeseries": {"timeField": "t", "granularity": "minutes"}})"},
       {R"({"timeseries": {"timeField": "t", "granularity": "hours", "bucketMaxSpanSeconds": 2592000,
            "bucketRoundingSeconds": 86400}, "expireAfterSeconds": {"$numberLong": "60"}})",
        R"({"expireAfterSeconds": 60, "timeseries": {"timeField": "t", "granularity": "hours"}})"},
       {R"({"timeseries": {"bucketRoundingSeconds": 3600, "bucketMaxSpanSeconds": 3600, "timeField": "t"}})",
        R"({"timeseries": {"timeField": "t", "bucketMaxSpanSeconds": 3600, "bucketRoundingSeconds": 3600}})"}},
      canonical_options);
}

TEST(CanonicalOptions, KnowsClusteredIndexesAndViews) {
  expect_rows({{R"({"clusteredIndex": {"v": 2, "unique": true, "name": "_id_", "key": {"_id": 1.0}}})",
                R"({"clusteredIndex": {"key": {"_id": 1}, "unique": true}})"},
               {R"({"clusteredIndex": {"key": {"_id": 1}, "name": "ck", "unique": true}})",
                R"({"clusteredIndex": {"key": {"_id": 1}, "name": "ck", "unique": true}})"},
               {R"({"viewOn": "c", "pipeline": []})", R"({"viewOn": "c"})"},
               {R"({"viewOn": "c", "pipeline": [{"$match": {"a": 1.0, "b": 1.5}}]})",
                R"({"pipeline": [{"$match": {"a": 1, "b": 1.5}}], "viewOn": "c"})"}},
              canonical_options);
}

TEST(CanonicalCollation, LeavesOutDefaultsOfEveryLocale) {
  expect_rows({{R"({"locale": "simple", "strength": 3})", "{}"},
               {"{}", "{}"},
               {R"({"strength": 2.0, "locale": "fr", "caseLevel": false, "caseFirst": "off", "numericOrdering": true,
                    "alternate": "shifted", "maxVariable": "space", "normalization": true, "backwards": true,
                    "version": "57.1"})",
                R"({"locale": "fr", "strength": 2, "numericOrdering": true, "alternate": "shifted",
                    "maxVariable": "space", "backwards": true, "normalization": true})"},
               {R"({"locale": "en", "strength": 3, "later": 1.0})", R"({"locale": "en", "later": 1})"}},
              canonical_collation);
}

TEST(CanonicalCollation, LeavesOutWhatIsDefaultForThatLocaleAlone) {
  expect_rows({{R"({"locale": "fr_CA", "backwards": true})", R"({"locale": "fr_CA"})"},
               {R"({"locale": "fr_CA", "backwards": false})", R"({"locale": "fr_CA"})"},
               {R"({"locale": "fr", "backwards": true})", R"({"locale": "fr", "backwards": true})"},
               {R"({"locale": "da", "caseFirst": "upper"})", R"({"locale": "da"})"},
               {R"({"locale": "da@collation=search", "caseFirst": "upper"})", R"({"locale": "da@collation=search"})"},
               {R"({"locale": "mt", "caseFirst": "lower"})", R"({"locale": "mt", "caseFirst": "lower"})"},
               {R"({"locale": "th", "alternate": "shifted", "normalization": true})", R"({"locale": "th"})"},
               {R"({"locale": "vi", "normalization": true})", R"({"locale": "vi"})"},
               {R"({"locale": "dav", "caseFirst": "upper"})", R"({"locale": "dav", "caseFirst": "upper"})"}},
              canonical_collation);
}

TEST(CanonicalNumbers, AreTheSmallestTypeThatHoldsThem) {
  expect_rows({{R"({"a": {"$numberLong": "2147483647"}, "b": {"$numberDouble": "-2147483648"}})",
                R"({"a": 2147483647, "b": -2147483648})"},
               {R"({"a": {"$numberDouble": "2147483648"}, "b": [1.0, {"c": 2.0}]})",
                R"({"a": {"$numberLong": "2147483648"}, "b": [1, {"c": 2}]})"},
               {R"({"a": 1.5, "b": {"$numberDouble": "-NaN"}, "c": {"$numberDouble": "1e300"}, "d": true, "e": "1"})",
                R"({"a": 1.5, "b": {"$numberDouble": "NaN"}, "c": {"$numberDouble": "1e300"}, "d": true, "e": "1"})"},
               {R"({"a": {"$numberDouble": "-0.0"}, "b": {"$numberDecimal": "1.0"}})",
                R"({"a": 0, "b": {"$numberDecimal": "1.0"}})"}},
              canonical_numbers);
}

TEST(CanonicalShardKey, IsAKeyAndWhetherItIsUnique) {
  expect_rows({{"{}", "{}"},
               {R"({"key": {}})", "{}"},
               {R"({"unique": false, "key": {"a": 1.0, "b": "hashed"}})", R"({"key": {"a": 1, "b": "hashed"}})"},
               {R"({"unique": 1, "key": {"a": 1}})", R"({"key": {"a": 1}, "unique": true})"}},
              canonical_shard_key);
}

TEST(CanonicalData, HasItsIdFirstAndIsElseAsItWas) {
  expect_rows(
      {{R"({"b": 1.0, "_id": {"$numberLong": "5"}, "a": 2})", R"({"_id": {"$numberLong": "5"}, "b": 1.0, "a": 2})"},
       {R"({"_id": 1, "b": 2})", R"({"_id": 1, "b": 2})"},
       {R"({"b": 2})", R"({"b": 2})"}},
      canonical_data);
}

}  // namespace
}  // namespace treering
