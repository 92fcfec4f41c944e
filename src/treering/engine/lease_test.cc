// SPDX-License-Identifier: Apache-2.0
// Several runners on one database: who works, who waits, and what somebody who was too slow may still do.
#include "treering/engine/lease.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/engine_world.h"
#include "treering/base/error.h"
#include "treering/engine/migrate.h"

namespace treering {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class LeaseTest : public testing::Test, public World {
 protected:
  // Somebody else holds the lease from now on, for 30 s.
  std::int64_t taken_by_other() {
    Store store(*other_connection, "app");
    return std::get<State>(
               store.take_lease(other.project.settings.me, seconds(30), other_connection->fenceable_sessions()))
        .epoch;
  }
  Error refused(const std::string& target = "head") {
    try {
      upgrade(me.project, target);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "it wasn't refused";
    return Error(Kind::usage, "");
  }

  // We have the lease, and weren't told.
  void grant_unheard(milliseconds away) {
    Store(*other_connection, "app").free_lease(taken_by_other());  // the state is there
    carry_out_unheard([](const MemoryServer::Sent& sent) { return sent.name == "findAndModify"; }, away);
  }

  Runner me{server, files, "here"};
  Runner other{server, files, "there"};
  std::unique_ptr<Connection> other_connection = server.connect();
};

TEST_F(LeaseTest, AHeldLeaseIsRefusedWithItsHolder) {
  line(1);
  taken_by_other();
  server.advance(seconds(4));
  const Error error = refused();
  EXPECT_EQ(error.kind(), Kind::locked);
  EXPECT_EQ(error.field("host"), "there");
  EXPECT_EQ(error.field("pid"), "100");
  EXPECT_THAT(error.what(), HasSubstr("there (pid 100, user ann)"));
  EXPECT_THAT(error.what(), HasSubstr("renewed 4 s ago"));
  EXPECT_THAT(error.hint(), HasSubstr("--lock-timeout"));
  EXPECT_THAT(me.scripts.started(), IsEmpty());
}

TEST_F(LeaseTest, TheRefusalSaysWhatTheHolderIsDoing) {
  line(1);
  other.scripts.on("+r1", [this](Env&) { EXPECT_THAT(refused().what(), HasSubstr("upgrading r1")); });
  EXPECT_EQ(upgrade(other.project, "head").failure, nullptr);
}

TEST_F(LeaseTest, WaitingEndsWhenTheLeaseIsFreed) {
  line(1);
  const std::int64_t epoch = taken_by_other();
  me.project.settings.lock_timeout = seconds(20);
  milliseconds waited{0};
  me.clock.on_pause([&](milliseconds time) {
    waited += time;
    server.advance(time);
    if (waited >= seconds(5)) Store(*other_connection, "app").free_lease(epoch);
  });
  const RunReport report = upgrade(me.project, "head");
  EXPECT_THAT(recorded(), ElementsAre("r1"));
  EXPECT_EQ(report.done.size(), 1U);
  EXPECT_THAT(me.heard.notes, ElementsAre(HasSubstr("waiting for there (pid 100, user ann)")));
  EXPECT_LT(waited, seconds(6));
}

// Asked for while it is held, looked at when it is free: nobody is there to be named, and nothing to wait for.
TEST_F(LeaseTest, ALeaseThatIsGivenBackBetweenAskingAndLookingIsTaken) {
  line(1);
  const std::int64_t epoch = taken_by_other();
  bool asked = false;
  bool freed = false;
  server.before_command([&](const MemoryServer::Sent& sent) {
    if (sent.name == "findAndModify") asked = true;
    if (!asked || freed || sent.name != "aggregate") return;
    freed = true;
    Store(*other_connection, "app").free_lease(epoch);
  });
  EXPECT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_THAT(recorded(), ElementsAre("r1"));
}

TEST_F(LeaseTest, WhoWasGivenItUnheardDoesntWaitForItself) {
  line(1);
  grant_unheard(seconds(5));
  EXPECT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_THAT(recorded(), ElementsAre("r1"));
  EXPECT_THAT(me.heard.notes, IsEmpty());
}

TEST_F(LeaseTest, ALeaseGivenUnheardHoldsFromWhenItWasFound) {
  line(1);
  grant_unheard(seconds(25));
  me.scripts.on("+r1", [&](Env&) {
    server.advance(seconds(10));
    const auto third = server.connect();
    Store store(*third, "app");
    EXPECT_TRUE(std::holds_alternative<LeaseView>(store.take_lease(other.project.settings.me, seconds(30), {})));
  });
  EXPECT_EQ(upgrade(me.project, "head").failure, nullptr);
}

TEST_F(LeaseTest, WhoWasGivenItUnheardAndTooLateDoesntShutItselfOut) {
  line(1);
  grant_unheard(seconds(31));
  EXPECT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_THAT(recorded(), ElementsAre("r1"));
}

TEST_F(LeaseTest, WaitingEndsAfterTheTimeout) {
  line(1);
  taken_by_other();
  me.project.settings.lock_timeout = seconds(10);
  milliseconds waited{0};
  me.clock.on_pause([&](milliseconds time) { waited += time; });  // the server's clock stands: the lease never ends
  EXPECT_EQ(refused().kind(), Kind::locked);
  EXPECT_EQ(waited, seconds(10));
}

TEST_F(LeaseTest, WaitingCanBeInterrupted) {
  line(1);
  taken_by_other();
  me.project.settings.lock_timeout = seconds(10);
  me.clock.on_pause([&](milliseconds) { me.clock.interrupt(2); });
  EXPECT_EQ(refused().kind(), Kind::interrupted);
}

TEST_F(LeaseTest, WhoWaitedFindsNothingLeftToDo) {
  line(2);
  me.project.settings.lock_timeout = seconds(10);
  const std::int64_t epoch = taken_by_other();
  me.clock.on_pause([&](milliseconds) {
    if (!recorded().empty()) return;
    Store(*other_connection, "app").free_lease(epoch);
    upgrade(other.project, "head");
  });
  const RunReport report = upgrade(me.project, "head");
  EXPECT_THAT(report.done, IsEmpty());
  EXPECT_TRUE(report.at_head);
  EXPECT_THAT(me.scripts.started(), IsEmpty());
  EXPECT_EQ(disagreement(), "");
}

// The lease ends by the server's clock, whatever the machines' own clocks say.
TEST_F(LeaseTest, OnlyTheServersClockEndsALease) {
  line(1);
  taken_by_other();
  me.clock.set_now(server.now_ms() + 1000LL * 3600 * 24 * 365);
  server.advance(seconds(29));
  EXPECT_EQ(refused().kind(), Kind::locked);
  me.clock.set_now(0);
  server.advance(seconds(2));
  EXPECT_THAT(upgrade(me.project, "head").heads, ElementsAre("r1"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(LeaseTest, IsRenewedAtAThirdAndHoldsAsLongAsItIsRenewed) {
  line(1);
  me.scripts.on("+r1", [this](Env& env) {
    EXPECT_EQ(me.clock.interval(), seconds(10));
    for (int i = 0; i < 10; ++i) {
      pass(seconds(10), {&me, &other});
      me.clock.fire();
    }
    EXPECT_THROW(upgrade(other.project, "head"), Error);
    inserts("people", "ann")(env);
  });
  EXPECT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_EQ(me.clock.repeating(), 0U);
}

TEST_F(LeaseTest, WithoutRenewalTheNextOperationRenewsFirst) {
  line(1);
  me.scripts.on("+r1", [this](Env& env) {
    pass(seconds(25), {&me});
    inserts("people", "ann")(env);
    pass(seconds(25), {&me, &other});
    EXPECT_THROW(upgrade(other.project, "head"), Error);
  });
  EXPECT_EQ(upgrade(me.project, "head").failure, nullptr);
}

// Stopped for longer than the lease; another runner took over and did the work.
TEST_F(LeaseTest, WhoLostTheLeaseStopsBeforeItsNextOperationAndWritesNothing) {
  line(3);
  std::size_t before = 0;
  me.scripts.on("+r2", [&](Env& env) {
    inserts("people", "ann")(env);
    pass(seconds(31), {&me, &other});
    EXPECT_EQ(upgrade(other.project, "head").failure, nullptr);
    server.forget_sent();
    before = server.documents("app", kJournalCollection).size();
    inserts("people", "bob")(env);
    ADD_FAILURE() << "it went on";
  });
  const RunReport report = upgrade(me.project, "head");
  ASSERT_NE(report.failure, nullptr);
  EXPECT_EQ(report.failure->kind(), Kind::lease_lost);
  EXPECT_EQ(report.failed->revision, "r2");
  EXPECT_THAT(report.pending, ElementsAre("r3"));
  EXPECT_THAT(other.scripts.ended(), ElementsAre("+r2", "+r3"));
  EXPECT_EQ(bookkeeping_writes(), 1U);  // the renewal that finds another epoch
  EXPECT_EQ(server.documents("app", kJournalCollection).size(), before);
  EXPECT_EQ(server.documents("app", "people").size(), 0U);  // who took over undid what r2 had made by then
  EXPECT_EQ(disagreement(), "");
}

// The renewal notices it first: no question to the server is needed before the next operation.
TEST_F(LeaseTest, ARenewalThatFindsAnotherEpochEndsTheRun) {
  line(1);
  me.scripts.on("+r1", [&](Env& env) {
    server.advance(seconds(31));
    taken_by_other();
    me.clock.fire();
    server.forget_sent();
    inserts("people", "ann")(env);
  });
  EXPECT_EQ(upgrade(me.project, "head").failure->kind(), Kind::lease_lost);
  EXPECT_THAT(server.sent(), IsEmpty());
  EXPECT_THAT(recorded(), IsEmpty());
  EXPECT_FALSE(lease_is_free());  // it is the other's
}

// The code was slow and changed nothing more: it is not recorded either.
TEST_F(LeaseTest, CodeThatEndsUnderAnothersLeaseIsNotRecorded) {
  line(1);
  me.scripts.on("+r1", [&](Env&) {
    pass(seconds(31), {&me, &other});
    taken_by_other();
  });
  EXPECT_EQ(upgrade(me.project, "head").failure->kind(), Kind::lease_lost);
  EXPECT_THAT(recorded(), IsEmpty());
  EXPECT_THAT(journal(), IsEmpty());
}

// Lost between two revisions, unnoticed by our own clock: the write that begins the next one is refused by its epoch.
// Nothing but its own look at the lease keeps it from that, where the server can't refuse it.
TEST_F(LeaseTest, WhoLostTheLeaseDoesNotTellAgainWhatItsSuccessorTold) {
  server.stand_alone();
  line(2);
  other.scripts.on("+r2", [&](Env&) {
    pass(seconds(31), {&me, &other});
    EXPECT_EQ(upgrade(me.project, "head").failure, nullptr);
    throw Error(Kind::migration_failed, "boom");
  });
  EXPECT_NE(upgrade(other.project, "head").failure, nullptr);
  std::vector<std::string> told;
  for (const Document& entry : server.documents("app", kJournalCollection))
    told.push_back(*entry.string("revision") + " " + *entry.string("outcome"));
  EXPECT_THAT(told, UnorderedElementsAre("r1 done", "r2 unknown", "r2 done"));
}

TEST_F(LeaseTest, NoRevisionBeginsUnderAnotherEpoch) {
  line(2);
  bool over = false;
  server.before_command([&](const MemoryServer::Sent& sent) {
    if (over || sent.collection != kRevisionsCollection || sent.name == "find") return;
    over = true;
    server.advance(seconds(31));
    taken_by_other();
  });
  const RunReport report = upgrade(me.project, "head");
  EXPECT_EQ(report.failure->kind(), Kind::lease_lost);
  EXPECT_THAT(me.scripts.started(), ElementsAre("+r1"));
  EXPECT_EQ(state().attempt->revision, "r1");  // for the other to settle
}

TEST_F(LeaseTest, ARenewalThatFailsIsTriedAgain) {
  line(1);
  me.scripts.on("+r1", [&](Env&) {
    server.fail_command(1, Fault::request_lost);
    me.clock.fire();
    pass(seconds(10), {&me});
    me.clock.fire();
    server.advance(seconds(25));
  });
  EXPECT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_THAT(recorded(), ElementsAre("r1"));
}

TEST_F(LeaseTest, ALeaseTakenOverHasAnotherEpoch) {
  const auto first = taken_by_other();
  Store store(*other_connection, "app");
  server.advance(seconds(31));
  EXPECT_GT(taken_by_other(), first);
  EXPECT_FALSE(store.renew_lease(first, seconds(30)));
  EXPECT_FALSE(store.free_lease(first));
  EXPECT_FALSE(store.release(first, {}));
  EXPECT_FALSE(store.advance(first, {}, std::nullopt, me.project.settings.me));
  EXPECT_FALSE(lease_is_free());
}

TEST_F(LeaseTest, AStateOfANewerTreeringIsLeftAlone) {
  line(1);
  taken_by_other();
  server.advance(seconds(31));
  other_connection->command(
      "app",
      Document::from_json(R"({"update": "treering_state", "updates": [{"q": {}, "u": {"$set": {"format": 99}}}]})"));
  const auto before = *state_document();
  EXPECT_THAT(refused().what(), HasSubstr("newer Treering"));
  EXPECT_EQ(*state_document(), before);
}

}  // namespace
}  // namespace treering
