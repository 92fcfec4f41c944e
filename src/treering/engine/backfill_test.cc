// SPDX-License-Identifier: Apache-2.0
// What comes of a backfill's notes when its revision is run again. How it goes over a collection, with threads and
// helpers, is tested on a real server (tests/e2e/test_backfill.py).
#include "treering/engine/backfill.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/engine_world.h"
#include "treering/engine/backfill_store.h"
#include "treering/engine/migrate.h"

namespace treering {
namespace {

using std::chrono::seconds;

void plant(Env& env, int count) {
  std::vector<Document> seeds;
  for (int i = 0; i < count; ++i) seeds.push_back(Document().add("_id", i));
  env.apply({"app", Write{Write::Verb::insert, "fields", seeds, {}}});
}

void add_to_each(Env& env, std::int64_t difference) {
  BackfillRequest request;
  request.collection = "fields";
  request.batch = 2;
  request.change = Document().add("u", Document().add("$inc", Document().add("n", difference)));
  env.backfill(request);
}

class BackfillTest : public testing::Test, public World {
 protected:
  std::vector<std::int64_t> numbers() {
    std::vector<std::int64_t> result;
    for (const Document& document : server.documents("app", "fields"))
      result.push_back(document.integer("n").value_or(0));
    return result;
  }
  // `other` dies in front of the command that the hook asks for; a lease later nobody holds its lease.
  void dies_at(const std::function<bool(const MemoryServer::Sent&)>& at, const std::function<void()>& run) {
    bool dead = false;
    server.before_command([&](const MemoryServer::Sent& sent) {
      dead = dead || at(sent);
      if (dead) throw Killed{};
    });
    EXPECT_THROW(run(), Killed);
    server.before_command({});
    pass(seconds(31), {&me, &other});
  }
  // The backfill of r2, of five documents in ranges of one: three are left to do.
  void other_dies_after_two_of_five() {
    line(2);
    for (Runner* runner : {&me, &other}) {
      runner->scripts.on("+r1", [](Env& env) { plant(env, 5); });
      runner->scripts.on("+r2", [](Env& env) { add_to_each(env, 1); });
    }
    int commits = 0;
    dies_at([&](const MemoryServer::Sent& sent) { return sent.name == "commitTransaction" && ++commits == 2; },
            [&] { upgrade(other.project, "head"); });
  }

  Runner me{server, files, "here"};
  Runner other{server, files, "there"};
};

TEST_F(BackfillTest, BeginsAnewOnACollectionThatWasUndoneAndMadeAgain) {
  line(1);
  bool raises = true;
  me.scripts.on("+r1", [&](Env& env) {
    plant(env, 5);
    add_to_each(env, 1);
    if (raises) throw Error(Kind::migration_failed, "raised");
  });
  ASSERT_NE(upgrade(me.project, "head").failure, nullptr);
  EXPECT_EQ(server.collection("app", "fields"), nullptr);
  raises = false;
  ASSERT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_THAT(numbers(), testing::Each(1));
  EXPECT_TRUE(server.documents("app", kBackfillsCollection).empty());
}

TEST_F(BackfillTest, GoesOnWhereADeadRunnerWasOnTheSameCollection) {
  other_dies_after_two_of_five();
  EXPECT_THAT(numbers(), testing::ElementsAre(1, 1, 0, 0, 0));
  ASSERT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_THAT(numbers(), testing::Each(1));
}

// Else some documents were changed in the one way, and some in the other.
TEST_F(BackfillTest, IsNotGoneOnWithAsAnotherOne) {
  line(2);
  me.scripts.on("+r1", [](Env& env) { plant(env, 5); });
  me.scripts.on("+r2", [](Env& env) {
    add_to_each(env, 1);
    throw Error(Kind::migration_failed, "raised");
  });
  const RunReport first = upgrade(me.project, "head");
  ASSERT_TRUE(first.failed);
  EXPECT_EQ(first.failed->written.at("fields"), 5);
  me.scripts.on("+r2", [](Env& env) { add_to_each(env, 10); });
  const RunReport second = upgrade(me.project, "head");
  ASSERT_NE(second.failure, nullptr);
  EXPECT_STREQ(second.failure->what(), "an earlier run began this backfill of fields with another change");
  EXPECT_THAT(numbers(), testing::Each(1));
  me.scripts.on("+r2", [](Env& env) {
    BackfillRequest request;
    request.name = "by ten";
    request.collection = "fields";
    request.change = Document().add("u", Document().add("$inc", Document().add("n", 10)));
    env.backfill(request);
  });
  ASSERT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_THAT(numbers(), testing::Each(11));
  EXPECT_TRUE(server.documents("app", kBackfillsCollection).empty());
}

TEST_F(BackfillTest, SaysWhatAnEarlierRunDidOfIt) {
  line(2);
  me.scripts.on("+r1", [](Env& env) { plant(env, 5); });
  bool raises = true;
  me.scripts.on("+r2", [&](Env& env) {
    add_to_each(env, 1);
    if (raises) throw Error(Kind::migration_failed, "raised");
  });
  upgrade(me.project, "head");
  raises = false;
  const RunReport report = upgrade(me.project, "head");
  ASSERT_EQ(report.done.size(), 1U);
  EXPECT_EQ(report.done.front().written.count("fields"), 0U);  // none by this run
  EXPECT_THAT(
      me.heard.notes,
      testing::Contains("backfill fields: an earlier run did all of it (5 documents); nothing of it is done again"));
}

TEST_F(BackfillTest, AHelperKeepsToItsOwnRate) {
  other_dies_after_two_of_five();
  const std::int64_t begin_us = me.clock.monotonic_us();
  const WorkReport report = work_on_backfills({&server, &me.clock, nullptr, "app", "a helper", {}}, 1, 0.5);
  EXPECT_GT(report.found, 0);
  EXPECT_GE(me.clock.monotonic_us() - begin_us, report.found * 2000000);
}

TEST_F(BackfillTest, AHelperHasOneTo64Workers) {
  other_dies_after_two_of_five();
  for (const std::int64_t workers : {std::int64_t{0}, std::int64_t{65}, std::int64_t{-1}, std::int64_t{1} << 60}) {
    const Error error =
        caught([&] { work_on_backfills({&server, &me.clock, nullptr, "app", "a helper", {}}, workers); });
    EXPECT_EQ(error.kind(), Kind::usage) << workers;
    EXPECT_THAT(error.what(), testing::HasSubstr("workers can't be"));
  }
  EXPECT_GT(work_on_backfills({&server, &me.clock, nullptr, "app", "a helper", {}}, 64).found, 0);
}

TEST_F(BackfillTest, TellsOfACollectionThatIsNotThere) {
  line(1);
  me.scripts.on("+r1", [](Env& env) { add_to_each(env, 1); });
  ASSERT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_THAT(me.heard.notes, testing::ElementsAre(no_collection_to_backfill("fields")));
}

// It has read where the next range begins, and asks for it when the whole is done and forgotten.
TEST_F(BackfillTest, AHelperThatSleptThroughTheRestChangesNothingTwice) {
  line(2);
  for (Runner* runner : {&me, &other}) {
    runner->scripts.on("+r1", [](Env& env) { plant(env, 5); });
    runner->scripts.on("+r2", [](Env& env) { add_to_each(env, 1); });
  }
  int commits = 0;
  dies_at(
      [&](const MemoryServer::Sent& sent) {
        if (sent.name == "commitTransaction") ++commits;
        return commits == 1 && sent.collection == kBackfillsCollection && sent.name == "update";
      },
      [&] { upgrade(other.project, "head"); });
  EXPECT_THAT(numbers(), testing::ElementsAre(1, 1, 0, 0, 0));
  bool slept = false;
  server.before_command([&](const MemoryServer::Sent& sent) {
    if (slept || sent.name != "update" || sent.collection != kBackfillsCollection) return;
    slept = true;
    upgrade(me.project, "head");
  });
  work_on_backfills({&server, &other.clock, nullptr, "app", "a helper", {}}, 1);
  server.before_command({});
  EXPECT_TRUE(slept);
  EXPECT_THAT(numbers(), testing::Each(1));
  EXPECT_TRUE(server.documents("app", kBackfillsCollection).empty());
}

// It read of the backfill before that was undone together with its collection, and asks for a range when the next
// runner has made a collection of that name.
TEST_F(BackfillTest, AHelperThatSleptThroughAnUndoFindsNothingToDo) {
  line(1);
  const auto helping = server.connect();
  BackfillStore helper(*helping, "app", "a helper", BackfillWorker::helper);
  KeyWalk keys(*helping, "app");
  std::vector<BackfillJob> jobs;
  other.scripts.on("+r1", [](Env& env) {
    plant(env, 5);
    add_to_each(env, 1);
  });
  me.scripts.on("+r1", [&](Env& env) {
    plant(env, 5);
    EXPECT_FALSE(helper.take(jobs.front(), keys));
    add_to_each(env, 1);
    EXPECT_FALSE(helper.take(jobs.front(), keys));
  });
  int commits = 0;
  dies_at([&](const MemoryServer::Sent& sent) { return sent.name == "commitTransaction" && ++commits == 2; },
          [&] { upgrade(other.project, "head"); });
  jobs = helper.open_jobs();
  ASSERT_EQ(jobs.size(), 1U);
  ASSERT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_THAT(numbers(), testing::ElementsAre(1, 1, 1, 1, 1));
  EXPECT_TRUE(server.documents("app", kBackfillsCollection).empty());
}

// A revision may take the collection away that an earlier one changed, and the next make it again.
TEST_F(BackfillTest, AHelperThatSleptWhileAnotherCollectionGotTheNameChangesNothingOfIt) {
  line(1);
  other.scripts.on("+r1", [](Env& env) {
    plant(env, 5);
    add_to_each(env, 1);
  });
  int commits = 0;
  dies_at([&](const MemoryServer::Sent& sent) { return sent.name == "commitTransaction" && ++commits == 2; },
          [&] { upgrade(other.project, "head"); });
  bool slept = false;
  const auto sleep_through_the_rest = [&] {
    if (slept) return;
    slept = true;
    server.connect()->command("app", Document().add("drop", "fields"));
    server.connect()->command(
        "app",
        Document().add("insert", "fields").add_array("documents", std::vector<Document>{Document().add("_id", 4)}));
  };
  const WorkReport report =
      work_on_backfills({&server, &other.clock, nullptr, "app", "a helper", sleep_through_the_rest}, 1);
  EXPECT_TRUE(slept);
  EXPECT_EQ(report.changed, 0);
  EXPECT_THAT(numbers(), testing::ElementsAre(0));
}

// Else it would wait for itself, as long as a range is kept for its owner.
TEST_F(BackfillTest, ARangeThatWasGivenUnheardIsOurs) {
  line(1);
  me.scripts.on("+r1", [](Env& env) {
    plant(env, 5);
    add_to_each(env, 1);
  });
  std::chrono::milliseconds waited{0};
  me.clock.on_pause([&](std::chrono::milliseconds time) {
    waited += time;
    server.advance(time);
  });
  carry_out_unheard([](const MemoryServer::Sent& sent) {
    return sent.collection == kBackfillsCollection && sent.command.has("updates.0.upsert");
  });
  ASSERT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_THAT(numbers(), testing::Each(1));
  EXPECT_EQ(waited.count(), 0);
}

// The notes that the dead one could not forget any more are no notes of what comes later.
TEST_F(BackfillTest, WhoeverCompletesTheStepOfADeadRunnerForgetsItsNotes) {
  line(2);
  for (Runner* runner : {&me, &other}) {
    runner->scripts.on("+r1", [](Env& env) { plant(env, 5); });
    runner->scripts.on("+r2", [](Env& env) { add_to_each(env, 1); });
    runner->scripts.on("-r2", [](Env& env) { add_to_each(env, -1); });
  }
  const auto forgets = [](const char* collection) {
    return [recorded = false, collection](const MemoryServer::Sent& sent) mutable {
      if (recorded) return true;
      recorded = sent.collection == kRevisionsCollection && sent.command.json().find("r2") != std::string::npos &&
                 (sent.name == collection);
      return false;
    };
  };
  dies_at(forgets("update"), [&] { upgrade(other.project, "head"); });
  dies_at(forgets("delete"), [&] { downgrade(other.project, "-1"); });
  EXPECT_THAT(numbers(), testing::Each(0));
  ASSERT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_THAT(numbers(), testing::Each(1));
  ASSERT_EQ(downgrade(me.project, "-1").failure, nullptr);
  EXPECT_THAT(numbers(), testing::Each(0));
}

}  // namespace
}  // namespace treering
