// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/fixed_clock.h"
#include "fake/memory_server.h"

namespace treering {
namespace {

using testing::ElementsAre;

class Listener : public Observer {
 public:
  void note(const std::string&) override {}
  void step_started(const std::string&, const std::string&, Direction) override {}
  void step_finished(const StepReport&) override {}
  void progress(const Progress& progress) override {
    told.push_back(progress.what + " " + std::to_string(progress.done) + "/" +
                   (progress.total ? std::to_string(*progress.total) : "?") + (progress.ended ? " ended" : ""));
  }
  std::vector<std::string> told;
};

Document reply(const char* batch, std::int64_t id, int documents) {
  Document cursor;
  cursor.add("id", id).add_array(batch, std::vector<Document>(static_cast<std::size_t>(documents)));
  return Document().add("cursor", cursor);
}

TEST(ReadingWatch, TellsOfALongCursorAndOfItsEnd) {
  FixedClock clock;
  Listener listener;
  MemoryServer server;
  const auto connection = server.connect();
  connection->command("app", Document().add("insert", "users").add_array("documents", std::vector<Document>(7)));
  ReadingWatch watch(&clock, &listener);
  const Document more = Document().add("getMore", std::int64_t{5}).add("collection", "users");
  watch.note(*connection, "app", Document().add("find", "users"), reply("firstBatch", 5, 2));
  clock.advance(std::chrono::milliseconds(500));
  watch.note(*connection, "app", more, reply("nextBatch", 5, 2));
  EXPECT_TRUE(listener.told.empty());
  clock.advance(std::chrono::milliseconds(600));
  watch.note(*connection, "app", more, reply("nextBatch", 5, 2));
  watch.note(*connection, "app", more, reply("nextBatch", 0, 1));
  EXPECT_THAT(listener.told, ElementsAre("reading users 6/7", "reading users 7/7 ended"));
}

TEST(ReadingWatch, IsQuietAboutShortOnes) {
  FixedClock clock;
  Listener listener;
  MemoryServer server;
  const auto connection = server.connect();
  ReadingWatch watch(&clock, &listener);
  watch.note(*connection, "app", Document().add("find", "users"), reply("firstBatch", 0, 2));
  watch.note(*connection, "app", Document().add("find", "users"), reply("firstBatch", 9, 2));
  clock.advance(std::chrono::milliseconds(5000));
  watch.note(*connection, "app", Document().add("getMore", std::int64_t{9}), reply("nextBatch", 0, 2));
  EXPECT_TRUE(listener.told.empty());
}

TEST(IndexBuild, ReadsHowFarItIs) {
  const Document current = Document::from_json(R"({"inprog": [
      {"op": "command", "command": {"find": "users"}, "progress": {"done": 1, "total": 2}},
      {"op": "command", "ns": "app.users", "command": {"createIndexes": "users"},
       "msg": "Index Build: scanning collection Index Build: scanning collection: 1234/5000 24%",
       "progress": {"done": 1234, "total": {"$numberLong": "5000"}}}], "ok": 1})");
  const auto build = build_progress(current, "users");
  ASSERT_TRUE(build);
  EXPECT_EQ(build->done, 1234);
  EXPECT_EQ(build->total, 5000);
  EXPECT_FALSE(build_progress(current, "plans"));
}

TEST(IndexBuild, TellsEverySecondAndWhenItHasEnded) {
  FixedClock clock;
  Listener listener;
  MemoryServer server;
  {
    IndexBuildWatch watch(&server, &clock, &listener, "index users.a_1", "users");
    clock.advance(std::chrono::milliseconds(1000));
    clock.fire();
  }
  EXPECT_THAT(listener.told, ElementsAre("index users.a_1 0/?", "index users.a_1 0/? ended"));
  {
    IndexBuildWatch quick(&server, &clock, &listener, "index users.b_1", "users");
  }
  EXPECT_EQ(listener.told.size(), 2U);
  EXPECT_EQ(clock.repeating(), 0U);
}

}  // namespace
}  // namespace treering
