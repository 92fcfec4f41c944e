// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/model_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "treering/base/error.h"

namespace treering {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// A model of the collection "wallet" with these fields more, as JSON.
Document model(const std::string& more, const std::string& name = "wallet", const std::string& class_name = "Wallet") {
  Document result = Document::from_json(R"({"file": "app/models.py", "line": 12})");
  result.add("class", class_name).add("name", name);
  return result.add_all(Document::from_json("{" + more + "}"));
}

// ... with one index, on line 14.
Document with_index(const std::string& specification, const std::string& options = "{}") {
  return model(R"("options": )" + options + R"(, "indexes": [{"line": 14, "spec": )" + specification + "}]");
}

Error refused(const std::vector<Document>& models) {
  try {
    schema_from_models(models);
  } catch (const Error& error) {
    return error;
  }
  return Error(Kind::usage, "was taken: " + models.front().json());
}

void expect_taken(const Document& taken) {
  EXPECT_NO_THROW(schema_from_models({taken})) << taken.json() << "\n" << refused({taken}).what();
}

struct Refusal {
  std::string given;
  std::string words;
  std::string hint = "";
};

void expect_index_refused(const std::vector<Refusal>& rows) {
  for (const Refusal& row : rows) {
    const Error error = refused({with_index(row.given)});
    EXPECT_EQ(error.kind(), Kind::models) << error.what();
    EXPECT_THAT(error.what(), AllOf(StartsWith("app/models.py:14: class Wallet: "), HasSubstr(row.words))) << row.given;
    EXPECT_THAT(error.hint(), AllOf(HasSubstr(row.hint), testing::Not(""))) << row.given;
  }
}

void expect_model_refused(const std::vector<Refusal>& rows) {
  for (const Refusal& row : rows) {
    const Error error = refused({model(row.given)});
    EXPECT_EQ(error.kind(), Kind::models) << error.what();
    EXPECT_THAT(error.what(), AllOf(StartsWith("app/models.py:12: class Wallet: "), HasSubstr(row.words))) << row.given;
    EXPECT_THAT(error.hint(), AllOf(HasSubstr(row.hint), testing::Not(""))) << row.given;
  }
}

TEST(ModelSchema, ReadsAModelWithAllItsParts) {
  const Schema schema = schema_from_models({model(R"("options": {"validator": {"a": 1.0}},
      "indexes": [{"line": 14, "spec": {"key": {"b": "text", "a": "text"}, "hidden": false}},
                  {"spec": {"key": {"uid": 1.0}, "name": "uid_idx", "unique": true}}],
      "data": [{"value": 1.0, "_id": "x"}], "shard_key": {"key": {"uid": "hashed"}}, "renamed_from": "purse")")});
  const Collection* wallet = schema.find("wallet");
  ASSERT_NE(wallet, nullptr);
  EXPECT_EQ(wallet->class_name, "Wallet");
  EXPECT_EQ(wallet->file, "app/models.py");
  EXPECT_EQ(wallet->line, 12);
  EXPECT_EQ(wallet->renamed_from, "purse");
  EXPECT_EQ(wallet->options, Document::from_json(R"({"validator": {"a": 1}})"));
  ASSERT_EQ(wallet->indexes.size(), 2U);
  EXPECT_EQ(wallet->indexes[0].line, 14);
  EXPECT_EQ(wallet->indexes[0].key(), Document::from_json(R"({"b": "text", "a": "text"})"));
  EXPECT_EQ(wallet->indexes[0].name(), "b_text_a_text");
  EXPECT_EQ(wallet->indexes[1].line, 12);
  EXPECT_EQ(wallet->indexes[1].spec, Document::from_json(R"({"key": {"uid": 1}, "name": "uid_idx", "unique": true})"));
  ASSERT_EQ(wallet->data.size(), 1U);
  EXPECT_EQ(wallet->data[0], Document::from_json(R"({"_id": "x", "value": 1.0})"));
  EXPECT_EQ(wallet->shard_key, Document::from_json(R"({"key": {"uid": "hashed"}})"));
}

TEST(ModelSchema, KeepsTheOrderOfTheModels) {
  const Schema schema = schema_from_models({model("", "b", "B"), model("", "a", "A")});
  EXPECT_EQ(schema.collections().front().name, "b");
  EXPECT_TRUE(schema_from_models({}).empty());
}

TEST(ModelSchema, SaysWhereAndWhatAsFields) {
  const Error error = refused({with_index(R"({"key": {"a": 1}, "name": "mine", "uniqe": true})")});
  EXPECT_STREQ(error.what(), "app/models.py:14: class Wallet: index mine: an index has no option \"uniqe\"");
  EXPECT_EQ(error.hint(), "did you mean \"unique\"?");
  EXPECT_EQ(error.field("class"), "Wallet");
  EXPECT_EQ(error.field("file"), "app/models.py");
  EXPECT_EQ(error.field("line"), "14");
  EXPECT_EQ(error.field("index"), "mine");
  // Without a line of its own, it is its class's.
  EXPECT_THAT(refused({model(R"("indexes": [{"spec": {"key": {}}}])")}).what(),
              StartsWith("app/models.py:12: class Wallet: "));
}

TEST(ModelSchema, RefusesNamesThatNoCollectionHas) {
  EXPECT_THAT(refused({Document::from_json(R"({"class": "W", "file": "m.py", "line": 3})")}).what(),
              HasSubstr("m.py:3: class W: it has no collection name"));
  for (const std::string& name :
       std::vector<std::string>{"", "a$b", ".a", "a.", "a..b", std::string("a\0b", 3), std::string(256, 'a'),
                                "system.users", "treering_state", "treering_trash.x", "_db_version", "tmp.agg_out.1"}) {
    const Error error = refused({model("", name)});
    EXPECT_EQ(error.kind(), Kind::models) << name;
    EXPECT_FALSE(error.hint().empty()) << name;
  }
  for (const std::string& name :
       std::vector<std::string>{"a", "a.b", "_user", "with space", "quo'te\"", "\xF0\x9F\x8C\xB2", "systems", "system",
                                "treering", "tmp.x", "_db_versions", "a.system.b", std::string(255, 'a')})
    expect_taken(model("", name));
}

TEST(ModelSchema, NamesBothClassesOfOneCollection) {
  EXPECT_STREQ(refused({model("", "wallet", "A"), model("", "wallet", "B")}).what(),
               "app/models.py:12: class B: the collection \"wallet\" is that of class A (app/models.py:12) already");
  EXPECT_THAT(
      refused({model(R"("renamed_from": "old")", "a", "A"), model(R"("renamed_from": "old")", "b", "B")}).what(),
      HasSubstr("class B: the former name \"old\" is that of class A"));
  EXPECT_THAT(refused({model(R"("renamed_from": "wallet")")}).what(), HasSubstr("__renamed_from__"));
}

TEST(ModelSchema, RefusesOptionsThatNoServerTakes) {
  expect_model_refused({
      {R"("options": {"caped": true})", "has no option \"caped\"", "\"capped\""},
      {R"("options": {"colour": 1})", "has no option \"colour\"", "timeseries"},
      {R"("options": {"capped": "yes", "size": 1})", "capped of __options__ is of the wrong type", "True"},
      {R"("options": {"validator": "x"})", "validator of __options__", "a dict"},
      {R"("options": {"capped": true})", "capped needs a size", "size"},
      {R"("options": {"size": 4096})", "size is for capped collections", "capped"},
      {R"("options": {"max": 5})", "max is for capped collections"},
      {R"("options": {"capped": true, "size": -1})", "size is negative"},
      {R"("options": {"timeseries": {}})", "no timeField"},
      {R"("options": {"timeseries": {"timeField": "t", "metafield": "m"}})", "timeseries has no option", "metaField"},
      {R"("options": {"timeseries": {"timeField": "t", "metaField": "t"}})", "metaField"},
      {R"("options": {"timeseries": {"timeField": "t", "granularity": "days"}})", "can't be \"days\"", "minutes"},
      {R"("options": {"timeseries": {"timeField": "t"}, "capped": true, "size": 1})", "a time series can't have"},
      {R"("options": {"clusteredIndex": {"key": {"a": 1}, "unique": true}})", "clustered"},
      {R"("options": {"clusteredIndex": {"key": {"_id": 1}, "unique": false}})", "clustered"},
      {R"("options": {"clusteredIndex": {"key": {"_id": 1}, "unique": true}, "capped": true, "size": 1})", "both"},
      {R"("options": {"collation": {"strength": 2}})", "no locale"},
      {R"("options": {"collation": {"locale": "en", "strength": 6}})", "strength"},
      {R"("options": {"collation": {"locale": "en", "strenght": 2}})", "no option \"strenght\"", "\"strength\""},
      {R"("options": {"collation": {"locale": "en", "caseFirst": "up"}})", "can't be \"up\"", "upper"},
      {R"("options": {"collation": {"locale": "en", "strength": 2, "caseFirst": "upper"}})", "caseFirst", "caseLevel"},
      {R"("options": {"collation": {"locale": "fr", "strength": 1, "backwards": true}})", "backwards", "strength"},
      {R"("options": {"validationLevel": "stric"})", "validationLevel can't be", "strict"},
      {R"("options": {"validationAction": "ignore"})", "validationAction can't be", "warn"},
      {R"("options": {"changeStreamPreAndPostImages": {"enabled": 1}})", "enabled"},
      {R"("options": {"expireAfterSeconds": 60})", "expireAfterSeconds is for time series"},
      {R"("options": {"timeseries": {"timeField": "t"}, "expireAfterSeconds": "never"})", "never", "off"},
      {R"("options": {"timeseries": {"timeField": "t"}, "expireAfterSeconds": -1})", "negative"},
      {R"("options": {"pipeline": []})", "pipeline is for views", "viewOn"},
      {R"("options": {"viewOn": ""})", "viewOn is empty"},
      {R"("options": {"viewOn": "c", "validator": {}})", "a view can't have the option validator"},
      {R"("options": {"viewOn": "c", "pipeline": [{"$match": {}, "$limit": 1}]})", "stage 0"},
  });
}

TEST(ModelSchema, TakesEveryOption) {
  for (const char* options :
       {R"({"capped": true, "size": 1000, "max": 5})", R"({"timeseries": {"timeField": "t", "metaField": "m",
            "granularity": "hours"}, "expireAfterSeconds": 60, "storageEngine": {}, "indexOptionDefaults": {}})",
        R"({"timeseries": {"timeField": "t", "bucketMaxSpanSeconds": 60, "bucketRoundingSeconds": 60}})",
        R"({"clusteredIndex": {"key": {"_id": 1}, "unique": true, "name": "n"}, "expireAfterSeconds": 60})",
        R"({"validator": {}, "validationLevel": "off", "validationAction": "errorAndLog"})",
        R"({"changeStreamPreAndPostImages": {"enabled": true}, "encryptedFields": {"fields": []}})",
        R"({"viewOn": "c", "pipeline": [{"$match": {}}], "collation": {"locale": "en", "strength": 1}})"})
    expect_taken(model(std::string(R"("options": )") + options));
}

TEST(ModelSchema, RefusesKeysThatAreNone) {
  expect_index_refused({
      {R"({})", "without a field"},
      {R"({"key": {}})", "without a field"},
      {R"({"key": {"_id": 1}})", "by itself", "__indexes__"},
      {R"({"key": {"_id": -1}})", "by itself"},
      {R"({"key": {"a": 0}})", "neither a direction nor a kind", "2dsphere"},
      {R"({"key": {"a": true}})", "neither a direction nor a kind"},
      {R"({"key": {"a": {"$numberDouble": "NaN"}}})", "neither a direction nor a kind"},
      {R"({"key": {"a": null}})", "neither a direction nor a kind"},
      {R"({"key": {"a": "txt"}})", "no index kind \"txt\"", "\"text\""},
      {R"({"key": {"a": "ascending"}})", "no index kind", "the kinds are"},
      {R"({"key": {"": 1}})", "no name of a field"},
      {R"({"key": {"a..b": 1}})", "no name of a field"},
      {R"({"key": {"a.": 1}})", "no name of a field"},
      {R"({"key": {"$a": 1}})", "starts with \"$\"", "$**"},
      {R"({"key": {"a.$b": 1}})", "starts with \"$\""},
      {R"({"key": {"a.$**": "text"}})", "starts with \"$\""},
      {R"({"key": {"$**": "hashed"}})", "starts with \"$\""},
      {R"({"key": {"_fts": "text", "_ftsx": 1}})", "_fts"},
      {R"({"key": {"a": "text", "b": "2dsphere"}})", "can't be in one index"},
      {R"({"key": {"a": "text", "b": 1, "c": "text"}})", "don't stand together"},
      {R"({"key": {"a": "text", "b": 2}})", "neither 1 nor -1"},
      {R"({"key": {"a": "hashed", "b": "hashed"}})", "hashes more than one field"},
      {R"({"key": {"a": 1, "b": "2d"}})", "a 2d field comes first"},
      {R"({"key": {"a.$**": 1, "b.$**": 1}})", "more than one wildcard"},
      {R"({"key": {"a": 1, "$**": 1}})", "needs a wildcardProjection"},
      {R"({"key": {"a": 1, "a": 1}})", "twice"},
      {R"({"key": {")" + std::string(2050, 'x') + R"(": 1}})", "2048 bytes"},
  });
}

TEST(ModelSchema, RefusesOptionsOfIndexesThatNoServerTakes) {
  expect_index_refused({
      {R"({"key": {"a": 1}, "expireAfterSecond": 1})", "expireAfterSecond", "\"expireAfterSeconds\""},
      {R"({"key": {"a": 1}, "unique": "yes"})", "unique of an index is of the wrong type", "True"},
      {R"({"key": {"a": 1}, "hidden": 1})", "hidden of an index is of the wrong type"},
      {R"({"key": {"a": 1}, "name": ""})", "name of an index"},
      {R"({"key": {"a": 1}, "name": "*"})", "name of an index"},
      {R"({"key": {"a": 1}, "name": "_id_"})", "name of an index"},
      {R"({"key": {"a": 1, "b": 1}, "expireAfterSeconds": 1})", "several fields can't expire"},
      {R"({"key": {"a": 1}, "expireAfterSeconds": "1"})", "expireAfterSeconds of an index", "a number"},
      {R"({"key": {"a": 1}, "expireAfterSeconds": true})", "expireAfterSeconds of an index", "a number"},
      {R"({"key": {"a": 1}, "expireAfterSeconds": -1})", "out of range"},
      {R"({"key": {"a": 1}, "expireAfterSeconds": {"$numberDouble": "NaN"}})", "out of range"},
      {R"({"key": {"a": 1}, "expireAfterSeconds": 2147483648})", "out of range"},
      {R"({"key": {"a": "hashed"}, "unique": true})", "a hashed index can't be unique"},
      {R"({"key": {"$**": 1}, "unique": true})", "wildcard"},
      {R"({"key": {"$**": 1}, "sparse": true})", "wildcard"},
      {R"({"key": {"$**": 1}, "expireAfterSeconds": 1})", "wildcard"},
      {R"({"key": {"a": 1}, "sparse": true, "partialFilterExpression": {}})", "both sparse and partial", "$exists"},
      {R"({"key": {"a.$**": 1}, "wildcardProjection": {"b": 1}})", "wildcardProjection is for"},
      {R"({"key": {"$**": 1}, "wildcardProjection": {}})", "wildcardProjection is empty"},
      {R"({"key": {"a": 1}, "weights": {"a": 1}})", "weights are for text"},
      {R"({"key": {"a": "text"}, "weights": {"a": 0}})", "weight of \"a\""},
      {R"({"key": {"a": "text"}, "weights": {"a": 100000}})", "weight of \"a\""},
      {R"({"key": {"a": "text"}, "weights": {"a": true}})", "weight of \"a\""},
      {R"({"key": {"a": "text"}, "collation": {"locale": "en"}})", "can't have a collation", "simple"},
      {R"({"key": {"a": "2d"}, "bits": 33})", "bits"},
      {R"({"key": {"a": "2d"}, "min": 180})", "min isn't below"},
      {R"({"key": {"a": 1}, "collation": {"locale": ""}})", "no locale"},
  });
}

TEST(ModelSchema, RefusesWhatDoesNotGoWithTheCollection) {
  const auto words = [](const char* specification, const char* options) {
    return std::string(refused({with_index(specification, options)}).what());
  };
  EXPECT_THAT(words(R"({"key": {"a": "text"}})", R"({"collation": {"locale": "fr"}})"),
              HasSubstr("can't have a collation"));
  EXPECT_THAT(words(R"({"key": {"a": 1}, "unique": true})", R"({"timeseries": {"timeField": "t"}})"),
              HasSubstr("time series"));
  EXPECT_THAT(words(R"({"key": {"a": 1}})", R"({"viewOn": "c"})"), HasSubstr("a view can't have indexes"));
  expect_taken(
      with_index(R"({"key": {"a": "text"}, "collation": {"locale": "simple"}})", R"({"collation": {"locale": "fr"}})"));
}

TEST(ModelSchema, TakesEveryKindAndOptionOfIndexes) {
  for (const char* specification :
       {R"({"key": {"a": 1, "b.c": -1}, "name": "n", "unique": true, "sparse": 1, "hidden": true, "background": true})",
        R"({"key": {"a": 0.5}})", R"({"key": {"a": 1}, "expireAfterSeconds": 0})",
        R"({"key": {"a": 1}, "expireAfterSeconds": 2147483647})", R"({"key": {"_id": "hashed"}})",
        R"({"key": {"_id": 1, "a": 1}})", R"({"key": {"ref.$id": 1}})", R"({"key": {"$**": -1}})",
        R"({"key": {"a": 1, "$**": 1}, "wildcardProjection": {"b": 1}})", R"({"key": {"a.$**": 1, "b": 1}})",
        R"({"key": {"x": 1, "$**": "text"}, "weights": {"a": 99999}, "default_language": "none",
            "language_override": "l", "textIndexVersion": 3})",
        R"({"key": {"a": "text"}, "weights": "$**"})",
        R"({"key": {"a": "2d", "b": 1}, "bits": 32, "min": -1, "max": 1})",
        R"({"key": {"a": "2dsphere", "b": "2dsphere", "c": 1}, "2dsphereIndexVersion": 3})",
        R"({"key": {"a": "hashed", "b": 1}, "storageEngine": {}})",
        R"({"key": {"a": 1}, "partialFilterExpression": {"a": {"$gt": 1}}, "sparse": false,
            "collation": {"locale": "en"}})"})
    expect_taken(with_index(specification));
}

TEST(ModelSchema, RefusesIndexesThatAreOneToTheServer) {
  const auto words = [](const std::string& a, const std::string& b) {
    return std::string(
        refused({model(R"("indexes": [{"line": 14, "spec": )" + a + R"(}, {"line": 15, "spec": )" + b + "}]")}).what());
  };
  EXPECT_EQ(words(R"({"key": {"a": 1}})", R"({"key": {"b": 1}, "name": "a_1"})"),
            "app/models.py:15: class Wallet: index a_1: another index has that name");
  EXPECT_EQ(words(R"({"key": {"a": 1}})", R"({"key": {"a": 1.0}, "name": "b", "hidden": true})"),
            "app/models.py:15: class Wallet: index b: index a_1 is on the same fields");
  EXPECT_THAT(words(R"({"key": {"a": "text"}})", R"({"key": {"b": "text"}})"), HasSubstr("two text indexes"));
  for (const char* other :
       {R"({"key": {"a": -1}})", R"({"key": {"a": 1}, "name": "b", "collation": {"locale": "en"}})",
        R"({"key": {"a": 1}, "name": "b", "partialFilterExpression": {"a": 1}})",
        R"({"key": {"a": 1}, "name": "b", "sparse": true})", R"({"key": {"a": 1}, "name": "b", "unique": true})"})
    EXPECT_THAT(words(R"({"key": {"a": 1}})", other), StartsWith("was taken"));
}

TEST(ModelSchema, RefusesMoreIndexesThanACollectionHolds) {
  const auto with_count = [](int count) {
    std::vector<Document> indexes;
    for (int i = 0; i < count; ++i)
      indexes.push_back(Document().add("spec", Document().add("key", Document().add("f" + std::to_string(i), 1))));
    return model("").add_array("indexes", indexes);
  };
  expect_taken(with_count(63));
  EXPECT_THAT(refused({with_count(64)}).what(), HasSubstr("more than 64 indexes"));
}

TEST(ModelSchema, LeavesOutTheIndexThatTheServerMakesForATimeSeries) {
  const Schema schema = schema_from_models(
      {with_index(R"({"key": {"m": 1, "t": 1}})", R"({"timeseries": {"timeField": "t", "metaField": "m"}})")});
  EXPECT_TRUE(schema.collections().front().indexes.empty());
}

TEST(ModelSchema, RefusesDataAndShardKeysThatAreNone) {
  expect_model_refused({
      {R"("data": [{"a": 1}])", "has no _id"},
      {R"("data": [{"_id": 1, "a": 1}, {"a": 2, "_id": 1.0}])", "have one _id"},
      {R"("data": [{"_id": {"k": 1}}, {"_id": {"k": {"$numberLong": "1"}}}])", "have one _id"},
      {R"("data": [{"_id": [1]}])", "of a type that MongoDB refuses"},
      {R"("data": [{"_id": {"$regularExpression": {"pattern": "a", "options": ""}}}])", "MongoDB refuses"},
      {R"("options": {"viewOn": "c"}, "data": [{"_id": 1}])", "a view can't have __initial_data__"},
      {R"("options": {"timeseries": {"timeField": "t"}}, "data": [{"_id": 1, "t": 5}])", "no date in t"},
      {R"("shard_key": {"key": {}})", "names no field"},
      {R"("shard_key": {"a": 1})", "has no option \"a\""},
      {R"("shard_key": {"key": {"a": -1}})", "that way", "hashed"},
      {R"("shard_key": {"key": {"a": "hashed", "b": "hashed"}})", "more than one field"},
      {R"("shard_key": {"key": {"a": "hashed"}, "unique": true})", "can't be unique"},
      {R"("options": {"viewOn": "c"}, "shard_key": {"key": {"a": 1}})", "a view can't have a __shard_key__"},
  });
  expect_taken(model(R"("data": [{"_id": 1}, {"_id": "1"}, {"_id": null}, {"_id": {"$date": 1}}])"));
}

}  // namespace
}  // namespace treering
