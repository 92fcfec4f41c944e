// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treering/base/error.h"

namespace treering {
namespace {

using testing::ElementsAre;

Document json(const char* text) { return Document::from_json(text); }

TEST(Operation, SaysWhatItDoes) {
  const std::vector<std::pair<Operation, std::string>> cases{
      {{"app", CreateCollection{"wallet", {}}}, "create collection wallet"},
      {{"app", DropCollection{"wallet"}}, "drop collection wallet"},
      {{"app", RenameCollection{"a", "b"}}, "rename collection a to b"},
      {{"app", CreateIndexes{"w", {json(R"({"key": {"uid": 1}, "name": "uid_idx"})")}, {}}}, "create index w.uid_idx"},
      {{"app", CreateIndexes{"w", {json(R"({"key": {"a": 1}})"), json(R"({"key": {"b": 1}})")}, {}}},
       "create 2 indexes on w"},
      {{"app", DropIndexes{"w", json(R"({"index": "a_1"})"), {}}}, "drop index w.a_1"},
      {{"app", DropIndexes{"w", json(R"({"index": {"a": 1, "b": -1}})"), {}}}, "drop index w.a_1_b_-1"},
      {{"app", DropIndexes{"w", json(R"({"index": ["a_1"]})"), {}}}, "drop index w.a_1"},
      {{"app", DropIndexes{"w", json(R"({"index": ["a_1", "b_1"]})"), {}}}, "drop 2 indexes on w"},
      {{"app", DropIndexes{"w", json(R"({"index": "*"})"), {}}}, "drop all indexes on w"},
      {{"app", ModifyCollection{"w", {}}}, "change collection w"},
      {{"app", Write{Write::Verb::insert, "w", {}, {}}}, "insert into w"},
      {{"app", Write{Write::Verb::update, "w", {}, {}}}, "update w"},
      {{"app", Write{Write::Verb::remove, "w", {}, {}}}, "delete from w"},
      {{"app", RunCommand{json(R"({"findAndModify": "w", "query": {}})")}}, "run findAndModify w"},
      {{"app", RunCommand{json(R"({"ping": 1})")}}, "run ping"},
      {{"app", RunCommand{Document()}}, "run nothing"},
  };
  for (const auto& [operation, words] : cases) EXPECT_EQ(describe(operation), words);
}

TEST(Operation, NamesIndexesAsTheDriversDo) {
  EXPECT_EQ(default_index_name(json(R"({"uid": 1, "at": -1})")), "uid_1_at_-1");
  EXPECT_EQ(default_index_name(json(R"({"title": "text", "body": "text"})")), "title_text_body_text");
  EXPECT_EQ(default_index_name(json(R"({"place": "2dsphere", "a.b": 1})")), "place_2dsphere_a.b_1");
  EXPECT_EQ(default_index_name(json(R"({"n": {"$numberLong": "1"}, "d": {"$numberDouble": "-1.0"}})")), "n_1_d_-1");
  EXPECT_EQ(default_index_name(json(R"({"d": 1.5})")), "d_1.5");
  EXPECT_EQ(index_name(json(R"({"key": {"a": 1}, "name": "mine"})")), "mine");
  EXPECT_EQ(index_name(json("{}")), "");
}

TEST(Operation, KnowsSchemaFromDocuments) {
  EXPECT_TRUE(is_schema({"app", CreateCollection{"w", {}}}));
  EXPECT_TRUE(is_schema({"app", ModifyCollection{"w", {}}}));
  EXPECT_FALSE(is_schema({"app", Write{Write::Verb::insert, "w", {}, {}}}));
  EXPECT_FALSE(is_schema({"app", RunCommand{json(R"({"findAndModify": "w"})")}}));
  EXPECT_TRUE(is_schema({"app", RunCommand{json(R"({"collMod": "w"})")}}));
}

TEST(Operation, KnowsItsCollection) {
  EXPECT_EQ(collection_of({"app", RenameCollection{"a", "b"}}), "a");
  EXPECT_EQ(collection_of({"app", RunCommand{json(R"({"aggregate": "w"})")}}), "w");
  EXPECT_EQ(collection_of({"app", RunCommand{json(R"({"aggregate": 1})")}}), "");
  EXPECT_EQ(collection_of({"app", RunCommand{Document()}}), "");
}

TEST(Operation, GivesTheServersCommands) {
  EXPECT_THAT(commands_of({"app", CreateCollection{"w", json(R"({"capped": true, "size": 10})")}}),
              ElementsAre(json(R"({"create": "w", "capped": true, "size": 10})")));
  EXPECT_THAT(commands_of({"app", DropCollection{"w"}}), ElementsAre(json(R"({"drop": "w"})")));
  EXPECT_THAT(commands_of({"app", RenameCollection{"a", "b", true}}),
              ElementsAre(json(R"({"renameCollection": "app.a", "to": "app.b", "dropTarget": true})")));
  EXPECT_THAT(
      commands_of(
          {"app", CreateIndexes{"w", {json(R"({"key": {"a": 1}, "unique": true})")}, json(R"({"comment": "c"})")}}),
      ElementsAre(json(
          R"({"createIndexes": "w", "indexes": [{"key": {"a": 1}, "unique": true, "name": "a_1"}], "comment": "c"})")));
  EXPECT_THAT(commands_of({"app", DropIndexes{"w", json(R"({"index": "*"})"), {}}}),
              ElementsAre(json(R"({"dropIndexes": "w", "index": "*"})")));
  EXPECT_THAT(commands_of({"app", ModifyCollection{"w", json(R"({"validator": {}})")}}),
              ElementsAre(json(R"({"collMod": "w", "validator": {}})")));
  EXPECT_THAT(commands_of({"app", RunCommand{json(R"({"ping": 1})")}}), ElementsAre(json(R"({"ping": 1})")));
}

TEST(Operation, WritesInAsFewCommandsAsTheLimitsAllow) {
  const Document one = json(R"({"_id": 1})");
  const Operation insert{"app", Write{Write::Verb::insert, "w", {one, one, one}, json(R"({"ordered": false})")}};
  const auto whole = commands_of(insert);
  ASSERT_EQ(whole.size(), 1u);
  EXPECT_EQ(whole[0], json(R"({"insert": "w", "documents": [{"_id": 1}, {"_id": 1}, {"_id": 1}], "ordered": false})"));
  const auto split = commands_of(insert, 2);
  ASSERT_EQ(split.size(), 2u);
  EXPECT_EQ(split[1], json(R"({"insert": "w", "documents": [{"_id": 1}], "ordered": false})"));
  EXPECT_TRUE(commands_of({"app", Write{Write::Verb::insert, "w", {}, {}}}).empty());
  EXPECT_EQ(commands_of(insert, 0, 0).size(), 3u);  // a statement always goes out, however small the limits
}

TEST(Operation, RefusesADocumentThatIsNone) {
  for (
      const char* text :
      {"{}", R"({"database": "app", "operation": "fly", "collection": "w"})",
       R"({"database": "app", "operation": "drop_collection"})",
       R"({"database": "app", "operation": "create_collection", "collection": "w", "options": []})",
       R"({"database": "app", "operation": "create_indexes", "collection": "w", "indexes": [1], "options": {}})",
       R"({"database": "app", "operation": "rename_collection", "collection": "w", "to": "x", "drop_target": 1})",
       R"({"database": "app", "operation": "write", "collection": "w", "verb": "burn", "statements": [], "options": {}})"}) {
    try {
      operation_from(json(text));
      ADD_FAILURE() << "taken: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::usage) << text;
    }
  }
}

}  // namespace
}  // namespace treering
