// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/lease_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/engine_world.h"
#include "treering/base/reply.h"
#include "treering/engine/migrate.h"

namespace treering {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class UnlockTest : public testing::Test, public World {
 protected:
  State taken_by(Runner& runner) {
    Store store(*connection, "app");
    return std::get<State>(store.take_lease(runner.project.settings.me, seconds(30), {}));
  }

  Runner me{server, files, "here"};
  Runner other{server, files, "there"};
  std::unique_ptr<Connection> connection = server.connect();
};

TEST_F(UnlockTest, NobodyHoldsWhatWasNeverTaken) { EXPECT_FALSE(read_lease(me.project).has_value()); }

TEST_F(UnlockTest, ShowsTheHolderAndHowLongAgoItWasAlive) {
  taken_by(other);
  server.advance(seconds(4));
  const auto state = read_lease(me.project);
  ASSERT_TRUE(state && state->is_held());
  EXPECT_THAT(describe_holder(state->lease), HasSubstr("there (pid 100, user ann) since "));
  EXPECT_THAT(describe_holder(state->lease), HasSubstr("renewed 4 s ago"));
}

TEST_F(UnlockTest, ALeaseThatRanOutIsHeldByNobody) {
  taken_by(other);
  server.advance(seconds(31));
  const auto state = read_lease(me.project);
  ASSERT_TRUE(state.has_value());
  EXPECT_FALSE(state->is_held());
  EXPECT_TRUE(state->has_run_out());
}

TEST_F(UnlockTest, FreesTheLeaseAndItsHolderWritesNoMore) {
  const State held = taken_by(other);
  EXPECT_TRUE(unlock(me.project, *read_lease(me.project)));
  EXPECT_TRUE(lease_is_free());
  EXPECT_FALSE(read_lease(me.project)->is_held());
  Store store(*connection, "app");
  EXPECT_FALSE(store.renew_lease(held.epoch, seconds(30)));
  line(1);
  EXPECT_EQ(upgrade(me.project, "head").done.size(), 1U);
}

// Records aren't conditional on the epoch: a runner at its end would write them until the next one comes.
TEST_F(UnlockTest, TheServerRefusesWhatItsHolderStillSends) {
  const auto theirs = server.connect();
  Store store(*theirs, "app");
  store.take_lease(other.project.settings.me, seconds(30), theirs->fenceable_sessions());
  EXPECT_TRUE(unlock(me.project, *read_lease(me.project)));
  RevisionRecord record;
  record.revision.id = "r1";
  const Error error = caught([&] { store.write_record(record, other.project.settings.me); });
  EXPECT_EQ(error.field("code"), std::to_string(kTransactionTooOld));
  EXPECT_THAT(recorded(), testing::IsEmpty());
  line(1);
  EXPECT_EQ(upgrade(me.project, "head").done.size(), 1U) << "and nobody else is concerned";
}

TEST_F(UnlockTest, WhatItsHolderBeganIsAtWorkUntilThen) {
  line(1);
  bool at_work = false;
  other.scripts.on("+r1", [&](Env&) {
    at_work = read_lease(me.project)->is_at_work();
    unlock(me.project, *read_lease(me.project));
    throw KilledInCode{};
  });
  EXPECT_THROW(upgrade(other.project, "head"), KilledInCode);
  EXPECT_TRUE(at_work);
  EXPECT_TRUE(read_lease(me.project)->state.attempt);
  EXPECT_FALSE(read_lease(me.project)->is_at_work());
  taken_by(me);
  EXPECT_FALSE(read_lease(me.project)->is_at_work()) << "somebody else works now, and will settle it";
}

TEST_F(UnlockTest, WhoeverTookItMeanwhileKeepsIt) {
  taken_by(other);
  const auto shown = read_lease(me.project);
  server.advance(seconds(31));
  taken_by(me);
  EXPECT_FALSE(unlock(me.project, *shown));
  EXPECT_EQ(read_lease(me.project)->lease.holder.host, "here");
}

}  // namespace
}  // namespace treering
