// SPDX-License-Identifier: Apache-2.0
// What a runner that was killed left behind, and what the next one makes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/engine_world.h"
#include "treering/engine/migrate.h"

namespace treering {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Not an Error: nothing of the engine handles it, just as nothing handles a SIGKILL.

class DeadRunnerTest : public testing::Test, public World {
 protected:
  // `other` dies at the command that `at` tells, and time goes by.
  void dies_at(const std::function<bool(const MemoryServer::Sent&)>& at, const std::string& target = "head") {
    bool dead = false;
    server.before_command([&](const MemoryServer::Sent& sent) {
      if (!dead && !at(sent)) return;
      dead = true;  // everything from here on: a dead process frees nothing
      throw Killed{};
    });
    EXPECT_THROW(
        target.starts_with('-') || target == "base" ? downgrade(other.project, target) : upgrade(other.project, target),
        Killed);
    server.before_command({});
    EXPECT_FALSE(lease_is_free());
    pass(seconds(31), {&me, &other});
  }

  Runner me{server, files, "here"};
  Runner other{server, files, "there"};
};

TEST_F(DeadRunnerTest, InTheMiddleOfItsCode) {
  line(3);
  other.scripts.on("+r2", inserts("people", "ann"));
  dies_at([](const auto& sent) { return sent.collection == "people"; });
  EXPECT_EQ(state().attempt->revision, "r2");
  std::vector<std::string> heads;
  EXPECT_FALSE(nothing_to_upgrade(me.project, "r1", heads));
  const RunReport report = upgrade(me.project, "head");
  EXPECT_THAT(me.scripts.ended(), ElementsAre("+r2", "+r3"));
  EXPECT_THAT(me.heard.notes, ElementsAre(HasSubstr("the upgrade of r2 by there (pid 100) was cut off")));
  EXPECT_THAT(journal(), ElementsAre("upgrade r1 done", "upgrade r2 unknown", "upgrade r2 done", "upgrade r3 done"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(DeadRunnerTest, AfterItsRecordWasWritten) {
  line(3);
  int updates = 0;
  dies_at(
      [&](const auto& sent) { return sent.name == "update" && sent.collection == kStateCollection && ++updates == 3; });
  EXPECT_THAT(journal(), IsEmpty());  // entries of what went well wait for each other
  EXPECT_THAT(recorded(), ElementsAre("r1", "r2"));
  upgrade(me.project, "head");
  EXPECT_THAT(me.scripts.ended(), ElementsAre("+r3"));
  EXPECT_THAT(me.heard.notes, IsEmpty());
  EXPECT_THAT(journal(), ElementsAre("upgrade r1 done", "upgrade r2 done", "upgrade r3 done"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(DeadRunnerTest, BetweenTwoRevisions) {
  line(2);
  int updates = 0;
  dies_at(
      [&](const auto& sent) { return sent.name == "update" && sent.collection == kStateCollection && ++updates == 2; });
  upgrade(me.project, "head");
  EXPECT_THAT(journal(), ElementsAre("upgrade r1 done", "upgrade r2 done"));
  EXPECT_EQ(disagreement(), "");
}

// Nothing is planned, and yet the attempt is put in order: else no later command could trust the state at a glance.
TEST_F(DeadRunnerTest, AtItsVeryLastWrite) {
  line(2);
  int updates = 0;
  dies_at(
      [&](const auto& sent) { return sent.name == "update" && sent.collection == kStateCollection && ++updates == 3; });
  EXPECT_THAT(recorded(), ElementsAre("r1", "r2"));
  const RunReport report = upgrade(me.project, "head");
  EXPECT_TRUE(report.at_head);
  EXPECT_THAT(me.scripts.started(), IsEmpty());
  EXPECT_EQ(disagreement(), "");
  files.forget_reads();
  std::vector<std::string> heads;
  EXPECT_TRUE(nothing_to_upgrade(me.project, "head", heads));
  EXPECT_EQ(files.reads(), 0U);
}

TEST_F(DeadRunnerTest, InADowngradeBeforeAndAfterTheRecordWasDeleted) {
  line(2);
  upgrade(other.project, "head");
  other.scripts.on("-r2", inserts("people", "ann"));
  dies_at([](const auto& sent) { return sent.collection == "people"; }, "-1");
  upgrade(me.project, "head");
  EXPECT_THAT(me.scripts.started(), IsEmpty());
  EXPECT_EQ(disagreement(), "");
  other.scripts.forget("-r2");
  dies_at([](const auto& sent) { return sent.collection == kJournalCollection; }, "-1");
  upgrade(me.project, "head");
  EXPECT_THAT(me.scripts.started(), ElementsAre("+r2"));
  EXPECT_THAT(journal(), ElementsAre("upgrade r1 done", "upgrade r2 done", "downgrade r2 unknown", "downgrade r2 done",
                                     "upgrade r2 done"));
  EXPECT_EQ(disagreement(), "");
}

// Not dead, but without a server from the middle of its code on: the person gets the report, the next runner the rest.
TEST_F(DeadRunnerTest, WhoLosesTheServerForGood) {
  line(2);
  other.scripts.on("+r2", [this](Env& env) {
    server.before_command([](const MemoryServer::Sent&) { throw Error(Kind::unreachable, "no server"); });
    inserts("people", "ann")(env);
  });
  const RunReport report = upgrade(other.project, "head");
  EXPECT_EQ(report.failure->kind(), Kind::unreachable);
  EXPECT_EQ(report.failed->revision, "r2");
  EXPECT_EQ(report.done.size(), 1U);
  EXPECT_THAT(report.heads, ElementsAre("r1"));
  server.before_command({});
  pass(seconds(31), {&me, &other});
  upgrade(me.project, "head");
  EXPECT_THAT(me.scripts.ended(), ElementsAre("+r2"));
  EXPECT_THAT(journal(), ElementsAre("upgrade r1 done", "upgrade r2 unknown", "upgrade r2 done"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(DeadRunnerTest, AStampSettlesItToo) {
  line(2);
  other.scripts.on("+r2", inserts("people", "ann"));
  dies_at([](const auto& sent) { return sent.collection == "people"; });
  stamp(me.project, {"head"}, false);
  EXPECT_THAT(me.heard.notes, Contains(HasSubstr("cut off")));
  EXPECT_THAT(journal(), ElementsAre("upgrade r1 done", "upgrade r2 unknown", "stamp head done"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(DeadRunnerTest, InTheMiddleOfAStamp) {
  line(3);
  for (const bool written : {false, true}) {
    bool dead = false;
    server.before_command([&](const MemoryServer::Sent& sent) {
      if (!dead && (sent.name == "find" || sent.collection != (written ? kJournalCollection : kRevisionsCollection)))
        return;
      dead = true;
      throw Killed{};
    });
    EXPECT_THROW(stamp(other.project, {"r2"}, false), Killed);
    server.before_command({});
    pass(seconds(31), {&me, &other});
    me.scripts.forget_runs();
    me.heard.notes.clear();
    upgrade(me.project, "r1");
    EXPECT_THAT(me.heard.notes, ElementsAre(HasSubstr("the stamp of r2 by there (pid 100) was cut off")));
    EXPECT_EQ(me.scripts.started().size(), written ? 0U : 1U);
    EXPECT_EQ(disagreement(), "");
    stamp(me.project, {"base"}, false);
    EXPECT_EQ(disagreement(), "");
  }
}

}  // namespace
}  // namespace treering
