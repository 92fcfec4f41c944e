// SPDX-License-Identifier: Apache-2.0
// What every Connection does with sessions that somebody fences, real or fake. Run as connection_contract.h.
#pragma once

#include <cstdint>

#include "contract/connection_contract.h"

namespace treering {

class FenceContract : public ConnectionContract {
 protected:
  // `connection_` is the runner that lost its lease; `taker_` writes in each of its sessions.
  void fence() {
    for (const Document& session : sessions_)
      taker_->fence(session, database_,
                    json(R"({"update": "state", "updates": [{"q": {"_id": 1}, "u": {"$inc": {"fences": 1}}}]})"));
  }
  std::vector<Document> all(const std::string& collection) {
    return taker_->command(database_, Document().add("find", collection).add("sort", Document().add("_id", 1)))
        .documents("cursor.firstBatch");
  }

  std::vector<Document> sessions_ = connection_->fenceable_sessions();
  std::unique_ptr<Connection> taker_ = server_->connect();
  Document state_ = taker_->command(database_, json(R"({"insert": "state", "documents": [{"_id": 1}]})"));
  Document written_ = run(R"({"insert": "c", "documents": [{"_id": 1, "a": 1}]})");
};

TEST_P(FenceContract, LateWritesOfSingleDocumentsAreRefused) {
  ASSERT_EQ(sessions_.size(), 2U);
  fence();
  const auto before = all("c");
  for (const char* late :
       {R"({"insert": "c", "documents": [{"_id": 2}]})",
        R"({"update": "c", "updates": [{"q": {"_id": 1}, "u": {"$set": {"a": 2}}}]})",
        R"({"update": "c", "updates": [{"q": {"_id": 3}, "u": {"$set": {"a": 2}}, "upsert": true}]})",
        R"({"delete": "c", "deletes": [{"q": {"_id": 1}, "limit": 1}]})",
        R"({"findAndModify": "c", "query": {"_id": 1}, "update": {"$set": {"a": 2}}})"}) {
    EXPECT_EQ(refused(late).code(), kTransactionTooOld) << late;
  }
  EXPECT_EQ(all("c"), before);
}

TEST_P(FenceContract, AnOpenTransactionIsOver) {
  connection_->begin_transaction();
  run(R"({"insert": "c", "documents": [{"_id": 2}]})");
  fence();
  EXPECT_THROW(connection_->commit_transaction(), ServerError);
  EXPECT_EQ(all("c").size(), 1U);
}

TEST_P(FenceContract, ALateTransactionIsRefused) {
  fence();
  connection_->begin_transaction();
  EXPECT_EQ(refused(R"({"insert": "c", "documents": [{"_id": 2}]})").code(), kTransactionTooOld);
  connection_->abort_transaction();
  EXPECT_EQ(all("c").size(), 1U);
}

// Two who take the lease one after the other may both do it.
TEST_P(FenceContract, TwiceIsAsOnceAndNobodyElseIsConcerned) {
  fence();
  fence();
  const auto third = server_->connect();
  EXPECT_EQ(third->command(database_, json(R"({"insert": "c", "documents": [{"_id": 7}]})")).integer("n"), 1);
  EXPECT_EQ(taker_->command(database_, json(R"({"insert": "c", "documents": [{"_id": 8}]})")).integer("n"), 1);
  EXPECT_EQ(all("state").front().integer("fences"), 2) << "once in each session";
  EXPECT_EQ(refused(R"({"insert": "c", "documents": [{"_id": 2}]})").code(), kTransactionTooOld);
}

// These carry no number: the check of the lease before they are sent is all there is.
TEST_P(FenceContract, WritesOfManyDocumentsAndReadsAreNotConcerned) {
  fence();
  EXPECT_EQ(run(R"({"update": "c", "updates": [{"q": {}, "u": {"$set": {"a": 5}}, "multi": true}]})").integer("n"), 1);
  EXPECT_EQ(run(R"({"find": "c"})").documents("cursor.firstBatch").size(), 1U);
}

}  // namespace treering
