// SPDX-License-Identifier: Apache-2.0
// upgrade and downgrade where nobody else is about. Leases: lease_test.cc; crashes: recovery_test.cc.
#include "treering/engine/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/engine_world.h"
#include "treering/base/error.h"
#include "treering/engine/backfill_store.h"

namespace treering {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class MigrateTest : public testing::Test, public World {
 protected:
  RunReport up(const std::string& target = "head") { return upgrade(me.project, target); }
  RunReport down(const std::string& target) { return downgrade(me.project, target); }
  std::vector<std::string> ran() {
    auto result = me.scripts.ended();
    me.scripts.forget_runs();
    return result;
  }
  static std::vector<std::string> done(const RunReport& report) {
    std::vector<std::string> ids;
    for (const StepReport& step : report.done) ids.push_back(step.revision);
    return ids;
  }

  Runner me{server, files, "here"};
};

TEST_F(MigrateTest, UpgradeRunsWhatIsPendingInOrderAndRecordsIt) {
  line(3);
  me.scripts.on("+r2", inserts("people", "ann"));
  const RunReport report = up();
  EXPECT_THAT(ran(), ElementsAre("+r1", "+r2", "+r3"));
  EXPECT_THAT(done(report), ElementsAre("r1", "r2", "r3"));
  EXPECT_EQ(report.done[1].message, "revision r2");
  EXPECT_THAT(report.done[1].written, ElementsAre(testing::Pair("people", 1)));
  EXPECT_EQ(report.failure, nullptr);
  EXPECT_TRUE(report.at_head);
  EXPECT_THAT(report.heads, ElementsAre("r3"));
  EXPECT_THAT(me.heard.steps, ElementsAre("begin r1", "end r1", "begin r2", "end r2", "begin r3", "end r3"));
  EXPECT_THAT(me.heard.notes, IsEmpty());
  EXPECT_THAT(recorded(), ElementsAre("r1", "r2", "r3"));
  EXPECT_THAT(journal(), ElementsAre("upgrade r1 done", "upgrade r2 done", "upgrade r3 done"));
  EXPECT_EQ(disagreement(), "");
  EXPECT_TRUE(lease_is_free());
}

TEST_F(MigrateTest, ARecordKeepsTheSourceAndWho) {
  line(1);
  up();
  const Document kept = *record("r1");
  const std::string text = files.texts().at(paths["r1"]);
  EXPECT_EQ(kept.string("source"), text);
  EXPECT_EQ(kept.string("checksum"), checksum_of(text));
  EXPECT_EQ(kept.string("how"), "upgrade");
  EXPECT_EQ(kept.string("host"), "here");
  EXPECT_EQ(kept.string("user"), "ann");
  EXPECT_EQ(kept.date("applied_at")->ms, me.clock.now_ms());
}

TEST_F(MigrateTest, AtHeadNothingIsWrittenAndNothingRuns) {
  line(2);
  up();
  ran();
  server.forget_sent();
  const RunReport report = up();
  EXPECT_THAT(report.done, IsEmpty());
  EXPECT_TRUE(report.at_head);
  EXPECT_THAT(report.heads, ElementsAre("r2"));
  EXPECT_THAT(ran(), IsEmpty());
  EXPECT_EQ(bookkeeping_writes(), 0U);
}

TEST_F(MigrateTest, NoFilesIsHeadToo) {
  const RunReport report = up();
  EXPECT_TRUE(report.at_head);
  EXPECT_THAT(report.heads, IsEmpty());
  EXPECT_EQ(state_document(), std::nullopt);
}

TEST_F(MigrateTest, DowngradeRevertsNewestFirst) {
  line(3);
  up();
  ran();
  const RunReport report = down("r1");
  EXPECT_THAT(ran(), ElementsAre("-r3", "-r2"));
  EXPECT_THAT(done(report), ElementsAre("r3", "r2"));
  EXPECT_FALSE(report.at_head);
  EXPECT_THAT(report.heads, ElementsAre("r1"));
  EXPECT_EQ(disagreement(), "");
  down("base");
  EXPECT_THAT(ran(), ElementsAre("-r1"));
  EXPECT_THAT(recorded(), IsEmpty());
  EXPECT_EQ(disagreement(), "");
  EXPECT_EQ(state().applied.count, 0);
}

TEST_F(MigrateTest, AnEntryThatIsSentTwiceIsInTheJournalOnce) {
  line(3);
  carry_out_unheard(
      [](const MemoryServer::Sent& sent) { return sent.collection == kJournalCollection && sent.name == "update"; });
  EXPECT_EQ(up().failure, nullptr);
  EXPECT_EQ(sent("update", kJournalCollection), 2U);
  EXPECT_THAT(server.documents("app", kJournalCollection), SizeIs(3));
}

TEST_F(MigrateTest, EntriesOfLaterRunsStandBesideEarlierOnes) {
  line(2);
  up();
  down("base");
  up();
  EXPECT_THAT(server.documents("app", kJournalCollection), SizeIs(6));
}

TEST_F(MigrateTest, TwoBookkeepingWritesARevision) {
  line(10);
  up("r4");
  server.forget_sent();
  up("r5");
  const auto one = bookkeeping_writes();
  server.forget_sent();
  up("r10");
  EXPECT_EQ(bookkeeping_writes() - one, 4 * 2U);
  EXPECT_EQ(sent("update", kStateCollection),
            5U + 1U);  // each begins one and commits the one before; the last gives the lease back
  EXPECT_EQ(sent("update", kRevisionsCollection), 5U);
  EXPECT_EQ(sent("update", kJournalCollection), 1U);  // the entries of all five
  server.forget_sent();
  down("r4");
  EXPECT_EQ(bookkeeping_writes(), 6 * 3U + 3U);
  EXPECT_EQ(sent("delete", kBackfillsCollection), 1U);  // once for all
}

TEST_F(MigrateTest, TwoHeadsAreBothApplied) {
  line(1);
  file("a2", {"r1"});
  file("b2", {"r1"});
  const RunReport report = up();
  EXPECT_THAT(done(report), ElementsAre("r1", "a2", "b2"));
  EXPECT_THAT(report.heads, ElementsAre("a2", "b2"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(MigrateTest, StrictHeadsRefusesTwoAndChangesNothing) {
  line(1);
  file("a2", {"r1"});
  file("b2", {"r1"});
  me.project.settings.strict_heads = true;
  const Error error = caught([&] { up(); });
  EXPECT_EQ(error.kind(), Kind::revision);
  EXPECT_EQ(state_document(), std::nullopt);
  EXPECT_THAT(done(up("heads")), ElementsAre("r1", "a2", "b2"));
}

// Code in C++ throws what it likes.
TEST_F(MigrateTest, AStandardExceptionFailsTheRevisionAsAnyOther) {
  line(2);
  me.scripts.on("+r2", [](Env& env) {
    env.create_collection("half");
    throw std::out_of_range("no such user");
  });
  const RunReport report = up();
  ASSERT_NE(report.failure, nullptr);
  EXPECT_EQ(report.failure->kind(), Kind::migration_failed);
  EXPECT_STREQ(report.failure->what(), "no such user");
  EXPECT_THAT(report.failed->undone, ElementsAre("create collection half"));
  EXPECT_THAT(journal(), ElementsAre("upgrade r1 done", "upgrade r2 failed"));
}

TEST_F(MigrateTest, AFailingRevisionStopsTheRunAndTheNextGoesOn) {
  line(4);
  me.scripts.on("+r2", inserts("people", "ann"));
  me.scripts.on("+r3", [](Env& env) {
    env.create_collection("half");
    inserts("people", "bob")(env);
    throw Error(Kind::migration_failed, "KeyError: 'full_name'");
  });
  const RunReport report = up();
  ASSERT_NE(report.failure, nullptr);
  EXPECT_EQ(report.failure->kind(), Kind::migration_failed);
  EXPECT_THAT(done(report), ElementsAre("r1", "r2"));
  ASSERT_TRUE(report.failed.has_value());
  EXPECT_EQ(report.failed->revision, "r3");
  EXPECT_THAT(report.failed->undone, ElementsAre("create collection half"));
  EXPECT_THAT(report.failed->schema, IsEmpty());
  EXPECT_THAT(report.failed->written, ElementsAre(testing::Pair("people", 1)));
  EXPECT_THAT(report.pending, ElementsAre("r4"));
  EXPECT_THAT(report.heads, ElementsAre("r2"));
  EXPECT_FALSE(report.at_head);
  EXPECT_THAT(recorded(), ElementsAre("r1", "r2"));
  EXPECT_THAT(journal(), ElementsAre("upgrade r1 done", "upgrade r2 done", "upgrade r3 failed"));
  EXPECT_EQ(server.documents("app", kJournalCollection).back().string("error"), "KeyError: 'full_name'");
  EXPECT_EQ(disagreement(), "");
  EXPECT_TRUE(lease_is_free());

  ran();
  me.scripts.forget("+r3");
  EXPECT_THAT(done(up()), ElementsAre("r3", "r4"));
  EXPECT_THAT(ran(), ElementsAre("+r3", "+r4"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(MigrateTest, AFailingDowngradeLeavesItApplied) {
  line(2);
  up();
  me.scripts.on("-r1", raises("no"));
  const RunReport report = down("base");
  EXPECT_THAT(done(report), ElementsAre("r2"));
  EXPECT_EQ(report.failed->revision, "r1");
  EXPECT_THAT(recorded(), ElementsAre("r1"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(MigrateTest, AServersRefusalFailsTheRevision) {
  line(1);
  me.scripts.on(
      "+r1", [](Env& env) { env.apply({env.database(), DropIndexes{"nowhere", Document().add("index", "a_1"), {}}}); });
  const RunReport report = up();
  ASSERT_NE(report.failure, nullptr);
  EXPECT_EQ(report.failure->field("code"), "26");
  EXPECT_EQ(disagreement(), "");
}

TEST_F(MigrateTest, ABrokenFileIsFoundBeforeAnythingRuns) {
  line(3);
  me.scripts.break_syntax("r3");
  EXPECT_EQ(caught([&] { up(); }).field("line"), "9");
  EXPECT_THAT(ran(), IsEmpty());
  EXPECT_EQ(state_document(), std::nullopt);
}

TEST_F(MigrateTest, AWrongTargetChangesNothing) {
  line(1);
  EXPECT_EQ(caught([&] { up("nobody"); }).kind(), Kind::revision);
  EXPECT_EQ(caught([&] { down("nobody"); }).kind(), Kind::revision);
  EXPECT_EQ(state_document(), std::nullopt);
}

TEST_F(MigrateTest, WithoutAnybodyWhoRunsCodeOnlyANoOpWorks) {
  line(1);
  up();
  me.project.scripts = nullptr;
  EXPECT_TRUE(up().at_head);
  file("r2", {"r1"});
  EXPECT_EQ(caught([&] { up(); }).kind(), Kind::usage);
}

TEST_F(MigrateTest, AnAppliedRevisionWithoutFileIsNamedAndCanBeReverted) {
  line(2);
  up();
  ran();
  const std::string source = files.texts().at(paths["r2"]);
  remove_file("r2");
  file("x2", {"r1"});

  const RunReport report = up();
  EXPECT_THAT(ran(), ElementsAre("+x2"));
  EXPECT_THAT(report.unknown, ElementsAre("r2"));
  EXPECT_TRUE(report.at_head);
  EXPECT_THAT(report.heads, ElementsAre("r2", "x2"));
  EXPECT_THAT(me.heard.notes, ElementsAre(HasSubstr("r2 is applied, but no file")));

  const RunReport reverted = down("r1");
  EXPECT_THAT(ran(), testing::UnorderedElementsAre("-r2", "-x2"));
  EXPECT_EQ(me.scripts.source_of("r2"), source);
  EXPECT_THAT(recorded(), ElementsAre("r1"));
  EXPECT_THAT(reverted.unknown, IsEmpty());
  EXPECT_EQ(disagreement(), "");
}

TEST_F(MigrateTest, RevertingTheRevisionWithoutFileLeavesTheFilesAtHead) {
  line(2);
  up();
  remove_file("r2");
  const RunReport report = down("r1");
  EXPECT_TRUE(report.at_head);
  EXPECT_THAT(report.unknown, IsEmpty());
}

// r3 stands on r2, whose file is gone.
TEST_F(MigrateTest, AGapInTheFilesIsFilledByWhatWasApplied) {
  line(3);
  up();
  ran();
  const std::string source = files.texts().at(paths["r2"]);
  remove_file("r2");
  file("r4", {"r3"});

  const RunReport report = up();
  EXPECT_THAT(ran(), ElementsAre("+r4"));
  EXPECT_THAT(report.unknown, ElementsAre("r2"));
  EXPECT_THAT(me.heard.notes, ElementsAre(HasSubstr("r2 is applied, but no file")));

  down("r1");
  EXPECT_THAT(ran(), ElementsAre("-r4", "-r3", "-r2"));
  EXPECT_EQ(me.scripts.source_of("r2"), source);
  EXPECT_THAT(recorded(), ElementsAre("r1"));
  EXPECT_THAT(state().applied.heads, ElementsAre("r1"));
  const Error missing = caught([&] { up(); });
  EXPECT_EQ(missing.kind(), Kind::revision);
  EXPECT_EQ(missing.field("missing"), "r2");
}

TEST_F(MigrateTest, AGapThatNothingFillsIsAnErrorThatNeedsNoServer) {
  line(3);
  remove_file("r2");
  server.before_command([](const MemoryServer::Sent&) { throw Error(Kind::unreachable, "no server answers"); });
  EXPECT_EQ(caught([&] { up(); }).field("missing"), "r2");
}

TEST_F(MigrateTest, AFilePutBelowAnAppliedOneIsPending) {
  line(2);
  up();
  ran();
  file("new", {"r1"});
  file("r2", {"new"});  // spliced: r2 stands on it now
  const RunReport report = up();
  EXPECT_THAT(ran(), ElementsAre("+new"));
  EXPECT_THAT(report.heads, ElementsAre("r2"));
  EXPECT_EQ(disagreement(), "");
  EXPECT_TRUE(up().at_head);
}

TEST_F(MigrateTest, HeadsStayRightWhileSplicedRevisionsAreMissing) {
  line(2);
  up();
  file("n1", {"r1"});
  file("n2", {"n1"});
  file("r2", {"n2"});
  me.scripts.on("+n2", [this](Env&) {
    EXPECT_THAT(state().applied.heads, ElementsAre("r2"));
    throw Error(Kind::migration_failed, "no");
  });
  EXPECT_EQ(up().failed->revision, "n2");
  EXPECT_EQ(disagreement(), "");
  down("-1");
  EXPECT_EQ(disagreement(), "");
  EXPECT_THAT(state().applied.heads, ElementsAre("n1"));
}

TEST_F(MigrateTest, DowngradeOverAMissingRevisionFindsTheHeadBelow) {
  line(2);
  up();
  file("new", {"r1"});
  file("r2", {"new"});
  down("r1");
  EXPECT_THAT(recorded(), ElementsAre("r1"));
  EXPECT_THAT(state().applied.heads, ElementsAre("r1"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(MigrateTest, DependenciesAreAppliedFirstAndAreNoHeads) {
  file("a1", {});
  file("b1", {}, {"a1"});
  file("c1", {}, {"b1"});
  up("b1");
  EXPECT_THAT(state().applied.heads, ElementsAre("b1"));
  EXPECT_EQ(disagreement(), "");
  up();
  EXPECT_THAT(state().applied.heads, ElementsAre("c1"));
  down("-1");
  EXPECT_EQ(disagreement(), "");
}

TEST_F(MigrateTest, InterruptedInTheMiddleIsNotRecordedAndFreesTheLease) {
  line(3);
  me.scripts.on("+r1", [](Env& env) { env.create_collection("people"); });
  me.scripts.on("+r2", [this](Env& env) {
    inserts("people", "ann")(env);
    me.clock.interrupt(15);
    inserts("people", "bob")(env);
  });
  const RunReport report = up();
  ASSERT_NE(report.failure, nullptr);
  EXPECT_EQ(report.failure->kind(), Kind::interrupted);
  EXPECT_EQ(report.failure->field("signal"), "15");
  EXPECT_EQ(report.failed->revision, "r2");
  EXPECT_EQ(server.documents("app", "people").size(), 1U);  // stopped before its next operation
  EXPECT_THAT(recorded(), ElementsAre("r1"));
  EXPECT_THAT(journal(), ElementsAre("upgrade r1 done", "upgrade r2 interrupted"));
  EXPECT_EQ(disagreement(), "");
  EXPECT_TRUE(lease_is_free());
}

// --- nothing_to_upgrade

TEST_F(MigrateTest, NothingToUpgradeOpensNoFile) {
  line(3);
  up();
  files.forget_reads();
  server.forget_sent();
  std::vector<std::string> heads;
  EXPECT_TRUE(nothing_to_upgrade(me.project, "head", heads));
  EXPECT_THAT(heads, ElementsAre("r3"));
  EXPECT_EQ(files.reads(), 0U);
  EXPECT_EQ(server.sent().size(), 1U);
}

TEST_F(MigrateTest, NothingToUpgradeSeesAnotherName) {
  line(3);
  up();
  std::vector<std::string> heads;
  remove_file("r3");
  file("x3", {"r2"});
  EXPECT_FALSE(nothing_to_upgrade(me.project, "head", heads));
  file("r3", {"r2"});
  EXPECT_FALSE(nothing_to_upgrade(me.project, "head", heads));
}

TEST_F(MigrateTest, WhereNamesCannotTellUpgradeFindsOut) {
  line(3);
  std::vector<std::string> heads;
  EXPECT_FALSE(nothing_to_upgrade(me.project, "head", heads));
  EXPECT_EQ(state_document(), std::nullopt);
  up();
  EXPECT_FALSE(nothing_to_upgrade(me.project, "r2", heads));
  EXPECT_THAT(done(up("r2")), IsEmpty());
  files.put_text("notes.py", "x = 1\n");  // no revision
  EXPECT_FALSE(nothing_to_upgrade(me.project, "head", heads));
  remove_file("r3");
  EXPECT_FALSE(nothing_to_upgrade(me.project, "head", heads));
  EXPECT_THAT(heads, IsEmpty());
  const RunReport report = up();
  EXPECT_TRUE(report.at_head);
  EXPECT_THAT(me.heard.notes, Contains(HasSubstr("r3")));
}

}  // namespace
}  // namespace treering
