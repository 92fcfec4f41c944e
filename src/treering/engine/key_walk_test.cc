// SPDX-License-Identifier: Apache-2.0
// Every document is in one range, whatever comes in between. That the server's sorting and picking give the same on a
// real one is tested with whole backfills (tests/e2e/test_backfill.py).
#include "treering/engine/key_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/memory_server.h"

namespace treering {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class KeyWalkTest : public testing::Test {
 protected:
  void insert(std::int64_t first, std::int64_t end) {
    std::vector<Document> documents;
    for (std::int64_t id = first; id < end; ++id)
      documents.push_back(Document().add("_id", id).add("n", id % 2).add("word", "w" + std::to_string(id)));
    connection->command("app", Document().add("insert", "c").add_array("documents", documents));
  }
  // "1..4" of each range from here to the end.
  std::vector<std::string> ranges(KeyWalk& walk, Document from = {}) {
    std::vector<std::string> result;
    while (const auto range = walk.next(job, from)) {
      const bool with = range->start == RangeStart::with;
      result.push_back((with ? "" : "after ") + text(range->from) + ".." + text(range->to));
      from = range->to;
    }
    return result;
  }
  static std::string text(const Document& bound) {
    const Field value = *bound.find("");
    return value.integer() ? std::to_string(*value.integer()) : value.string().value_or("null");
  }
  std::size_t asked() {
    std::size_t count = 0;
    for (const auto& sent : server.sent()) count += sent.name == "aggregate" ? 1 : 0;
    return count;
  }

  MemoryServer server;
  std::unique_ptr<Connection> connection = server.connect();
  BackfillJob job{"id", "c", "", "_id", {}, {}, 3, {}};
};

TEST_F(KeyWalkTest, CutsAllOfACollectionWithOneCommandAndALook) {
  insert(0, 8);
  KeyWalk walk(*connection, "app");
  EXPECT_THAT(ranges(walk), ElementsAre("0..2", "after 2..5", "after 5..7"));
  EXPECT_EQ(asked(), 2U);
}

TEST_F(KeyWalkTest, HasNoEmptyRangeWhereTheBatchesComeOutEven) {
  insert(0, 6);
  KeyWalk walk(*connection, "app");
  EXPECT_THAT(ranges(walk), ElementsAre("0..2", "after 2..5"));
}

TEST_F(KeyWalkTest, HasNoneWhereThereIsNothing) {
  KeyWalk walk(*connection, "app");
  EXPECT_EQ(walk.count(job), 0);
  EXPECT_THAT(ranges(walk), IsEmpty());
}

TEST_F(KeyWalkTest, CountsWithWhatItLooksAtAnyway) {
  insert(0, 8);
  job.filter = Document().add("n", 1);
  KeyWalk walk(*connection, "app");
  EXPECT_EQ(walk.count(job), 4);
  EXPECT_THAT(ranges(walk), ElementsAre("1..5", "after 5..7"));
  EXPECT_EQ(asked(), 2U);
}

TEST_F(KeyWalkTest, CountsWhatIsMoreThanItLooksAhead) {
  insert(0, 7);
  job.batch = 60000;  // so that it looks at one range alone
  KeyWalk walk(*connection, "app");
  EXPECT_EQ(walk.count(job), 7);
}

// What comes in ahead of where it is, is changed as well.
TEST_F(KeyWalkTest, SeesWhatCameBehindTheLastKeyThatItSaw) {
  insert(0, 4);
  KeyWalk walk(*connection, "app");
  EXPECT_THAT(ranges(walk), ElementsAre("0..2", "after 2..3"));
  insert(4, 6);
  EXPECT_THAT(ranges(walk, Document().add("", std::int64_t{3})), ElementsAre("after 3..5"));
}

TEST_F(KeyWalkTest, BeginsAnewWhereOthersTookRanges) {
  insert(0, 9);
  KeyWalk walk(*connection, "app");
  walk.next(job, {});
  EXPECT_THAT(ranges(walk, Document().add("", std::int64_t{3})), ElementsAre("after 3..6", "after 6..8"));
}

TEST_F(KeyWalkTest, GoesOnToLaterTypes) {
  connection->command("app", Document::from_json(R"({"insert": "c", "documents": [
    {"_id": 1, "k": "b"}, {"_id": 2, "k": 5}, {"_id": 3}, {"_id": 4, "k": 7}, {"_id": 5, "k": "a"}]})"));
  job.key = "k";
  job.batch = 2;
  KeyWalk walk(*connection, "app");
  EXPECT_THAT(ranges(walk), ElementsAre("null..5", "after 5..a", "after a..b"));
}

// Keys that are too large together for the server's memory are asked for a range at a time.
TEST_F(KeyWalkTest, TakesOneRangeAtATimeWhereTheServerRefusesMany) {
  insert(0, 8);
  server.before_command([](const MemoryServer::Sent& sent) {
    if (sent.command.json().find("$push") != std::string::npos)
      throw ServerError(Document::from_json(R"({"ok": 0, "errmsg": "$push used too much memory", "code": 146})"));
  });
  KeyWalk walk(*connection, "app");
  EXPECT_THAT(ranges(walk), ElementsAre("0..2", "after 2..5", "after 5..7"));
}

TEST_F(KeyWalkTest, AnErrorThatStaysIsTheCallers) {
  insert(0, 8);
  server.before_command([](const MemoryServer::Sent& sent) {
    if (sent.name == "aggregate")
      throw ServerError(Document::from_json(R"({"ok": 0, "errmsg": "not authorized", "code": 13})"));
  });
  KeyWalk walk(*connection, "app");
  EXPECT_THROW(walk.next(job, {}), ServerError);
}

}  // namespace
}  // namespace treering
