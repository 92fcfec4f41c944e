// SPDX-License-Identifier: Apache-2.0
// What every Connection does with transactions, real or fake. Run as connection_contract.h.
#pragma once

#include "contract/connection_contract.h"

namespace treering {

class TransactionContract : public ConnectionContract {
 protected:
  std::vector<Document> outside(const std::string& command) {
    return other_->command(database_, json(command)).documents("cursor.firstBatch");
  }
  std::unique_ptr<Connection> other_ = server_->connect();
};

TEST_P(TransactionContract, HelloSaysThatTheServerHasThem) {
  EXPECT_TRUE(connection_->hello().has("setName"));
  EXPECT_GE(connection_->hello().integer("maxWireVersion"), 7);
}

TEST_P(TransactionContract, TheSessionHasAnId) { EXPECT_TRUE(connection_->session_id().has("id")); }

TEST_P(TransactionContract, NobodyElseSeesItBeforeItIsCommitted) {
  run(R"({"insert": "c", "documents": [{"_id": 0}]})");
  connection_->begin_transaction();
  EXPECT_TRUE(connection_->in_transaction());
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  EXPECT_EQ(run(R"({"find": "c"})").documents("cursor.firstBatch").size(), 2U);
  EXPECT_EQ(outside(R"({"find": "c"})").size(), 1U);
  connection_->commit_transaction();
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_EQ(outside(R"({"find": "c"})").size(), 2U);
  connection_->commit_transaction();  // asked again: done is done
  EXPECT_EQ(run(R"({"find": "c"})").documents("cursor.firstBatch").size(), 2U);
}

TEST_P(TransactionContract, AnAbortedOneLeavesNothing) {
  run(R"({"insert": "c", "documents": [{"_id": 0, "a": 1}]})");
  connection_->begin_transaction();
  run(R"({"update": "c", "updates": [{"q": {"_id": 0}, "u": {"$set": {"a": 2}}}]})");
  run(R"({"insert": "new", "documents": [{"_id": 1}]})");
  run(R"({"create": "newer"})");
  run(R"({"createIndexes": "newer", "indexes": [{"key": {"a": 1}, "name": "a_1"}]})");
  connection_->abort_transaction();
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_EQ(outside(R"({"find": "c", "filter": {"a": 1}})").size(), 1U);
  EXPECT_EQ(outside(R"({"listCollections": 1})").size(), 1U);
  // The connection goes on without one.
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  EXPECT_EQ(outside(R"({"find": "c"})").size(), 2U);
}

TEST_P(TransactionContract, ACollectionAndItsIndexesAreThereAfterTheCommit) {
  connection_->begin_transaction();
  run(R"({"create": "c"})");
  run(R"({"createIndexes": "c", "indexes": [{"key": {"a": 1}, "name": "a_1"}]})");
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  connection_->commit_transaction();
  EXPECT_EQ(outside(R"({"listIndexes": "c"})").size(), 2U);
  EXPECT_EQ(outside(R"({"find": "c"})").size(), 1U);
}

TEST_P(TransactionContract, WhatSomebodyElseChangedMeanwhileIsAConflict) {
  run(R"({"insert": "c", "documents": [{"_id": 0, "a": 1}]})");
  connection_->begin_transaction();
  run(R"({"find": "c"})");  // from here on it sees what was there now
  other_->command(database_, json(R"({"update": "c", "updates": [{"q": {"_id": 0}, "u": {"$set": {"a": 5}}}]})"));
  const ServerError error = refused(R"({"update": "c", "updates": [{"q": {"_id": 0}, "u": {"$set": {"a": 2}}}]})");
  EXPECT_EQ(error.code(), kWriteConflict);
  EXPECT_TRUE(error.has_label(kTransient)) << error.reply().json();
  EXPECT_TRUE(has_label(static_cast<const Error&>(error), kTransient));
  connection_->abort_transaction();
  EXPECT_EQ(outside(R"({"find": "c", "filter": {"a": 5}})").size(), 1U);
}

TEST_P(TransactionContract, ACommandThatIsNotAllowedThereIsRefused) {
  run(R"({"insert": "c", "documents": [{"_id": 0}]})");
  connection_->begin_transaction();
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  EXPECT_EQ(refused(R"({"drop": "c"})").code(), kNotInTransaction);
  EXPECT_EQ(refused(R"({"listCollections": 1})").code(), kNotInTransaction);
  EXPECT_EQ(refused(R"({"createIndexes": "c", "indexes": [{"key": {"a": 1}, "name": "a_1"}]})").code(),
            kNotInTransaction);
  connection_->abort_transaction();
  EXPECT_EQ(outside(R"({"find": "c"})").size(), 1U);
}

TEST_P(TransactionContract, AFailedCommandEndsItAtTheServer) {
  run(R"({"insert": "c", "documents": [{"_id": 0}]})");
  connection_->begin_transaction();
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  refused(R"({"find": "c", "filter": {"a": {"$nope": 1}}})");
  const ServerError error = refused(R"({"insert": "c", "documents": [{"_id": 2}]})");
  EXPECT_EQ(error.code(), kNoSuchTransaction);
  EXPECT_TRUE(error.has_label(kTransient));
  connection_->abort_transaction();
  EXPECT_EQ(outside(R"({"find": "c"})").size(), 1U);
}

TEST_P(TransactionContract, AWriteErrorEndsItAndTheCommitSaysSo) {
  run(R"({"insert": "c", "documents": [{"_id": 0}]})");
  connection_->begin_transaction();
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  EXPECT_EQ(run(R"({"insert": "c", "documents": [{"_id": 0}]})").documents("writeErrors").size(), 1U);
  try {
    connection_->commit_transaction();
    ADD_FAILURE() << "it was committed";
  } catch (const ServerError& error) {
    EXPECT_EQ(error.code(), kNoSuchTransaction);
    EXPECT_TRUE(error.has_label(kTransient));
  }
  EXPECT_EQ(outside(R"({"find": "c"})").size(), 1U);
}

TEST_P(TransactionContract, OneAtATime) {
  const auto usage = [](const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.kind() == Kind::usage;
    }
    return false;
  };
  EXPECT_TRUE(usage([&] { connection_->commit_transaction(); }));
  EXPECT_TRUE(usage([&] { connection_->abort_transaction(); }));
  connection_->begin_transaction();
  EXPECT_TRUE(usage([&] { connection_->begin_transaction(); }));
  connection_->commit_transaction();  // of nothing
  EXPECT_FALSE(connection_->in_transaction());
}

}  // namespace treering
