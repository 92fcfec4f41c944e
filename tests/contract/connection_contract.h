// SPDX-License-Identifier: Apache-2.0
// What every Server and its Connections do, real or fake. To run it, include this once in a test program and
//   INSTANTIATE_TEST_SUITE_P(Mongo, ConnectionContract, testing::Values(ContractServer{"libmongoc", [] { return
//   mongo_server({...}); }}));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "test_server.h"
#include "treering/base/reply.h"
#include "treering/engine/port/database.h"

namespace treering {

struct ContractServer {
  std::string name;
  std::function<std::unique_ptr<Server>()> open;
  friend std::ostream& operator<<(std::ostream& out, const ContractServer& server) { return out << server.name; }
};

class ConnectionContract : public testing::TestWithParam<ContractServer> {
 protected:
  void TearDown() override { run(R"({"dropDatabase": 1})"); }

  static Document json(const std::string& text) { return Document::from_json(text); }
  Document run(const std::string& command) { return connection_->command(database_, json(command)); }

  ServerError refused(const std::string& command) {
    try {
      const Document reply = run(command);
      ADD_FAILURE() << command << " was taken: " << reply.json();
    } catch (const ServerError& error) {
      return error;
    }
    return ServerError(Document());
  }

  std::unique_ptr<Server> server_ = GetParam().open();
  std::unique_ptr<Connection> connection_ = server_->connect();
  std::string database_ = test_database();
};

TEST_P(ConnectionContract, FindsWhatWasInserted) {
  const Document written =
      run(R"({"insert": "c", "documents": [{"_id": 1, "a": "ä"}, {"_id": 2, "a": {"b": [1, null]}}]})");
  EXPECT_EQ(written.integer("n"), 2);
  const Document found = run(R"({"find": "c", "sort": {"_id": 1}})");
  const auto batch = found.documents("cursor.firstBatch");
  ASSERT_EQ(batch.size(), 2U);
  EXPECT_EQ(batch[0], json(R"({"_id": 1, "a": "ä"})"));
  EXPECT_EQ(batch[1], json(R"({"_id": 2, "a": {"b": [1, null]}})"));
}

TEST_P(ConnectionContract, ReadsOnWithGetMore) {
  std::vector<Document> documents;
  for (int i = 0; i < 250; ++i) documents.push_back(Document().add("_id", i));
  connection_->command(database_, Document().add("insert", "c").add_array("documents", documents));
  Document reply = run(R"({"find": "c", "batchSize": 100, "sort": {"_id": 1}})");
  std::vector<Document> found = reply.documents("cursor.firstBatch");
  EXPECT_EQ(found.size(), 100U);
  while (const auto id = reply.integer("cursor.id").value_or(0)) {
    reply = connection_->command(database_, Document().add("getMore", id).add("collection", "c").add("batchSize", 100));
    for (Document& document : reply.documents("cursor.nextBatch")) found.push_back(std::move(document));
  }
  EXPECT_EQ(found, documents);
}

TEST_P(ConnectionContract, AReplyThatIsOkIsNotThrownWhateverItsWriteErrors) {
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  const Document reply = run(R"({"insert": "c", "documents": [{"_id": 0}, {"_id": 1}, {"_id": 2}], "ordered": false})");
  EXPECT_EQ(reply.integer("n"), 2);
  const auto errors = reply.documents("writeErrors");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].integer("index"), 1);
  EXPECT_EQ(errors[0].integer("code"), kDuplicateKey);
}

TEST_P(ConnectionContract, ARefusedCommandThrowsWithTheWholeReply) {
  run(R"({"create": "c"})");
  const ServerError error = refused(R"({"dropIndexes": "c", "index": "nowhere_1"})");
  EXPECT_EQ(error.kind(), Kind::server);
  EXPECT_EQ(error.code(), kIndexNotFound);
  EXPECT_EQ(error.field("code"), "27");
  EXPECT_EQ(error.field("code_name"), "IndexNotFound");
  EXPECT_EQ(error.reply().integer("ok"), 0);
  EXPECT_EQ(error.reply().string("errmsg"), error.what());
}

TEST_P(ConnectionContract, ARefusedFirstCommandLeavesTheConnectionUsable) {
  refused(R"({"listIndexes": "nowhere"})");
  refused(R"({"noSuchCommand": 1})");
  EXPECT_EQ(run(R"({"insert": "c", "documents": [{}]})").integer("n"), 1);
}

TEST_P(ConnectionContract, ADuplicateKeyInFindAndModifyThrows) {
  run(R"({"insert": "c", "documents": [{"_id": 1}, {"_id": 2}]})");
  run(R"({"createIndexes": "c", "indexes": [{"key": {"a": 1}, "name": "a_1", "unique": true, "sparse": true}]})");
  run(R"({"update": "c", "updates": [{"q": {"_id": 1}, "u": {"$set": {"a": 5}}}]})");
  EXPECT_EQ(refused(R"({"findAndModify": "c", "query": {"_id": 2}, "update": {"$set": {"a": 5}}})").code(),
            kDuplicateKey);
}

TEST_P(ConnectionContract, TakesConcernsInsideTheCommand) {
  const Document written =
      run(R"({"insert": "c", "documents": [{"_id": 1}], "writeConcern": {"w": "majority", "j": true}})");
  EXPECT_EQ(written.integer("n"), 1);
  EXPECT_FALSE(written.has("writeConcernError"));
  EXPECT_EQ(run(R"({"find": "c", "readConcern": {"level": "majority"}})").documents("cursor.firstBatch").size(), 1U);
  const Document changed = run(
      R"({"findAndModify": "c", "query": {"_id": 1}, "update": {"$set": {"a": 1}}, "new": true,
          "writeConcern": {"w": "majority"}})");
  EXPECT_EQ(changed.integer("value.a"), 1);
}

TEST_P(ConnectionContract, CollectionNamesAndKeysOfAnyScript) {
  run(R"({"insert": "größe 測試", "documents": [{"_id": 1, "ключ": "значение"}]})");
  const auto batch = run(R"({"find": "größe 測試"})").documents("cursor.firstBatch");
  ASSERT_EQ(batch.size(), 1U);
  EXPECT_EQ(batch[0].string("ключ"), "значение");
}

// The lease's step: whoever finds it expired by the server's clock takes it, and of several at once exactly one does.
TEST_P(ConnectionContract, OfSeveralConditionalUpdatesExactlyOneWins) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 15;
  for (int round = 0; round < kRounds; ++round) {
    connection_->command(
        database_,
        Document()
            .add("insert", "lease")
            .add_array("documents", std::vector{Document().add("_id", round).add("exp", Date{0}).add("fence", 0)}));
    std::atomic<int> winners = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        const auto connection = server_->connect();
        const Document reply = connection->command(
            database_,
            Document()
                .add("findAndModify", "lease")
                .add("query",
                     json(R"({"$expr": {"$lt": [{"$toLong": "$exp"}, {"$toLong": "$$NOW"}]}})").add("_id", round))
                .add_array("update",
                           std::vector{json(
                               R"({"$set": {"exp": {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": 60}},
                                     "fence": {"$add": ["$fence", 1]}}})")})
                .add("new", true));
        if (reply.document("value")) ++winners;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(winners, 1) << "round " << round;
  }
}

TEST_P(ConnectionContract, EveryCommandOfAConnectionIsInOneSession) {
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  // A cursor opened in one session can't be read on in another: the server itself checks.
  run(R"({"insert": "c", "documents": [{"_id": 2}, {"_id": 3}]})");
  const Document first = run(R"({"find": "c", "batchSize": 1})");
  run(R"({"findAndModify": "c", "query": {"_id": 1}, "update": {"$set": {"a": 1}}})");
  const Document more =
      connection_->command(database_, Document().add("getMore", *first.integer("cursor.id")).add("collection", "c"));
  EXPECT_EQ(more.documents("cursor.nextBatch").size(), 2U);
}

TEST_P(ConnectionContract, LimitsFitOneCommand) {
  const Connection::Limits limits = connection_->limits();
  EXPECT_GE(limits.document_bytes, 1024U * 1024U);
  EXPECT_GE(limits.write_batch, 1000U);
  // A command of message_bytes is taken: the largest document, with what the command adds around it.
  const std::string text(limits.message_bytes - 200, 'x');
  const Document reply = connection_->command(
      database_,
      Document().add("insert", "c").add_array("documents", std::vector{Document().add("_id", 1).add("t", text)}));
  EXPECT_EQ(reply.integer("n"), 1);
}

TEST_P(ConnectionContract, HostsNameTheServerAndNoSecret) {
  EXPECT_THAT(server_->hosts(), testing::Not(testing::IsEmpty()));
  EXPECT_THAT(server_->hosts(), testing::Not(testing::HasSubstr("@")));
}

}  // namespace treering
