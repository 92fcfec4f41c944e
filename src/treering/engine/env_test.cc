// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/env.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/memory_server.h"

namespace treering {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class EnvTest : public testing::TestWithParam<ServerAge> {
 protected:
  static Operation insert(const std::string& collection, int from, int count, Document options = {}) {
    Write write{Write::Verb::insert, collection, {}, std::move(options)};
    for (int i = from; i < from + count; ++i) write.statements.push_back(Document().add("_id", i));
    return {"app", write};
  }
  void limit_batch(std::size_t statements) {
    server_.limit({.document_bytes = 1 << 20, .message_bytes = 1 << 20, .write_batch = statements});
  }

  MemoryServer server_{GetParam()};
  std::unique_ptr<Connection> connection_ = server_.connect();
  int asked_ = 0;
  Env env_{*connection_, "app", [this] { ++asked_; }};
};

INSTANTIATE_TEST_SUITE_P(Ages, EnvTest, testing::Values(ServerAge::before_7_0, ServerAge::from_7_0),
                         [](const auto& age) {
                           return age.param == ServerAge::before_7_0 ? "before_7_0" : "from_7_0";
                         });

TEST_P(EnvTest, ALongWriteIsSplitAndItsRepliesMerged) {
  limit_batch(3);
  const Document reply = env_.apply(insert("people", 0, 8));
  EXPECT_EQ(reply.integer("n"), 8);
  EXPECT_EQ(server_.sent().size(), 3U);
  EXPECT_EQ(server_.documents("app", "people").size(), 8U);
  EXPECT_THAT(env_.done().written, ElementsAre(Pair("app.people", 8)));
}

TEST_P(EnvTest, AnOrderedWriteStopsAtItsFirstErrorAndNamesItsStatement) {
  env_.apply(insert("people", 4, 1));
  limit_batch(3);
  const Document reply = env_.apply(insert("people", 0, 9));
  EXPECT_EQ(reply.integer("n"), 4);
  ASSERT_EQ(reply.documents("writeErrors").size(), 1U);
  EXPECT_EQ(reply.documents("writeErrors")[0].integer("index"), 4);
  EXPECT_EQ(reply.documents("writeErrors")[0].integer("code"), kDuplicateKey);
  EXPECT_EQ(server_.documents("app", "people").size(), 5U);
  EXPECT_THAT(env_.done().written, ElementsAre(Pair("app.people", 5)));
}

TEST_P(EnvTest, AnUnorderedWriteGoesOnAndNamesEveryStatement) {
  env_.apply(insert("people", 1, 1));
  env_.apply(insert("people", 7, 1));
  limit_batch(3);
  const Document reply = env_.apply(insert("people", 0, 9, Document().add("ordered", false)));
  EXPECT_EQ(reply.integer("n"), 7);
  std::vector<std::int64_t> indexes;
  for (const Document& error : reply.documents("writeErrors")) indexes.push_back(*error.integer("index"));
  EXPECT_THAT(indexes, ElementsAre(1, 7));
}

TEST_P(EnvTest, UpsertsKeepTheNumberOfTheirStatement) {
  env_.apply(insert("people", 3, 1));
  limit_batch(2);
  Write write{Write::Verb::update, "people", {}, {}};
  for (int i = 0; i < 5; ++i)
    write.statements.push_back(Document()
                                   .add("q", Document().add("_id", i))
                                   .add("u", Document().add("$set", Document().add("a", 1)))
                                   .add("upsert", true));
  const Document reply = env_.apply({"app", write});
  EXPECT_EQ(reply.integer("n"), 5);
  EXPECT_EQ(reply.integer("nModified"), 1);
  std::vector<std::int64_t> indexes;
  for (const Document& one : reply.documents("upserted")) {
    indexes.push_back(*one.integer("index"));
    EXPECT_EQ(one.integer("_id"), one.integer("index"));
  }
  EXPECT_THAT(indexes, ElementsAre(0, 1, 2, 4));
  EXPECT_THAT(env_.done().written, ElementsAre(Pair("app.people", 6)));
}

TEST_P(EnvTest, WhatAnEarlierCommandOfAWriteDidCountsAlsoWhenALaterOneIsLost) {
  limit_batch(3);
  server_.fail_command(3, Fault::request_lost);
  EXPECT_THROW(env_.apply(insert("people", 0, 9)), Error);
  EXPECT_EQ(server_.documents("app", "people").size(), 6U);
  EXPECT_THAT(env_.done().written, ElementsAre(Pair("app.people", 6)));
}

TEST_P(EnvTest, DeletesAndFindAndModifyCount) {
  env_.apply(insert("people", 0, 5));
  env_.apply({"app", Write{Write::Verb::remove, "people", {Document().add("q", Document()).add("limit", 1)}, {}}});
  env_.apply({"app", RunCommand{Document::from_json(
                         R"({"findAndModify": "people", "query": {"_id": 3}, "update": {"$set": {"a": 1}}})")}});
  env_.apply({"app", RunCommand{Document::from_json(
                         R"({"findAndModify": "people", "query": {"_id": 99}, "update": {"$set": {"a": 1}}})")}});
  EXPECT_THAT(env_.done().written, ElementsAre(Pair("app.people", 7)));
}

TEST_P(EnvTest, WritesAreCountedByNamespace) {
  Operation elsewhere = insert("people", 0, 2);
  elsewhere.database = "other";
  env_.apply(insert("people", 0, 5));
  env_.apply(elsewhere);
  EXPECT_THAT(env_.done().written, ElementsAre(Pair("app.people", 5), Pair("other.people", 2)));
}

TEST_P(EnvTest, BeforeChangeIsAskedBeforeEachCommandAndStopsIt) {
  limit_batch(2);
  int allowed = 2;
  Env env(*connection_, "app", [&] {
    if (allowed-- == 0) throw Error(Kind::lease_lost, "gone");
  });
  EXPECT_THROW(env.apply(insert("people", 0, 8)), Error);
  EXPECT_EQ(server_.documents("app", "people").size(), 4U);
  EXPECT_EQ(server_.sent().size(), 2U);
  EXPECT_THAT(env.done().written, ElementsAre(Pair("app.people", 4)));
}

TEST_P(EnvTest, ARefusedWriteOfABatchNamesItsPlaceOnce) {
  env_.apply(insert("people", 1, 1));
  for (const std::string place : {"m.py:", ""}) {
    env_.begin_batch(1000);
    for (const int id : {10, 1, 11}) {
      env_.apply(insert("people", id, 1), 0, place.empty() ? place : place + std::to_string(id));
    }
    try {
      env_.end_batch();
      ADD_FAILURE() << "there is a 1 already";
    } catch (const Error& error) {
      std::vector<std::string> places;
      for (const auto& [name, value] : error.fields())
        if (name == "place") places.push_back(value);
      EXPECT_EQ(places, place.empty() ? std::vector<std::string>() : std::vector<std::string>{"m.py:1"});
    }
    env_.drop_batch();
    env_.apply(
        {"app",
         Write{Write::Verb::remove, "people", {Document().add("q", Document().add("_id", 10)).add("limit", 1)}, {}}});
  }
}

TEST_P(EnvTest, ReadingAsksNobody) {
  env_.apply(insert("people", 0, 1));
  asked_ = 0;
  env_.read("app", Document().add("find", "people"));
  env_.collections();
  EXPECT_EQ(asked_, 0);
}

TEST_P(EnvTest, CreateCollectionSaysWhetherItDid) {
  EXPECT_TRUE(env_.create_collection("people"));
  EXPECT_FALSE(env_.create_collection("people"));
  EXPECT_FALSE(env_.create_collection("people", Document().add("capped", true).add("size", 4096)));
  EXPECT_EQ(asked_, 1);
  EXPECT_THAT(env_.done().schema, ElementsAre("create collection people"));
}

TEST_P(EnvTest, DropCollectionSaysWhetherItDid) {
  env_.create_collection("people");
  EXPECT_TRUE(env_.drop_collection("people"));
  EXPECT_FALSE(env_.drop_collection("people"));
  EXPECT_THAT(env_.done().schema, ElementsAre("create collection people", "drop collection people"));
}

// Newer servers say ok to it.
TEST_P(EnvTest, TheDropOfWhatIsNotThereIsNoChange) {
  try {
    env_.apply({"app", DropCollection{"people"}});
  } catch (const ServerError& error) {
    EXPECT_EQ(error.code(), kNamespaceNotFound);
  }
  EXPECT_THAT(env_.done().schema, IsEmpty());
}

TEST_P(EnvTest, CollectionsHidesWhatIsNotTheUsers) {
  for (const char* name : {"zebra", "_user", "apple", "system.views", "tmp.agg_out.1", "treering_state",
                           "treering_revisions", "treering_journal", "treering_trash.people", "_db_version"})
    connection_->command("app", Document().add("create", name));
  EXPECT_THAT(env_.collections(), ElementsAre("_user", "apple", "zebra"));
}

TEST_P(EnvTest, ManyCollectionsAreReadToTheEndOfTheCursor) {
  for (int i = 0; i < 250; ++i) connection_->command("app", Document().add("create", "c" + std::to_string(i)));
  EXPECT_EQ(env_.collections().size(), 250U);
}

TEST_P(EnvTest, IndexesThatAreThereAlreadyAreNoChange) {
  const Operation operation{
      "app", CreateIndexes{"people", {Document().add("key", Document().add("a", 1)).add("name", "a_1")}, {}}};
  env_.apply(operation);
  env_.apply(operation);
  EXPECT_THAT(env_.done().schema, ElementsAre(describe(operation)));
}

TEST_P(EnvTest, ARefusedOperationIsNotDone) {
  EXPECT_THROW(env_.apply({"app", DropIndexes{"nowhere", Document().add("index", "a_1"), {}}}), ServerError);
  EXPECT_TRUE(env_.done().schema.empty());
}

TEST_P(EnvTest, RenameRunsOnAdmin) {
  env_.create_collection("people");
  env_.apply({"app", RenameCollection{"people", "users", false}});
  EXPECT_THAT(env_.collections(), ElementsAre("users"));
}

}  // namespace
}  // namespace treering
