// SPDX-License-Identifier: Apache-2.0
// The verbs that only look, and those that write files.
#include "treering/engine/inspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/engine_world.h"
#include "treering/base/error.h"
#include "treering/engine/author.h"
#include "treering/engine/migrate.h"

namespace treering {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class InspectTest : public testing::Test, public World {
 protected:
  // r1 <- a2, b2; c1 apart, depending on a2.
  void branched() {
    file("r1", {});
    file("a2", {"r1"});
    file("b2", {"r1"});
    file("c1", {}, {"a2"});
  }
  static std::vector<std::string> ids(const std::vector<RevisionReport>& rows) {
    std::vector<std::string> result;
    for (const RevisionReport& row : rows) result.push_back(row.revision.id);
    return result;
  }

  Runner me{server, files, "here"};
};

TEST_F(InspectTest, CurrentOfAFreshDatabase) {
  line(2);
  const CurrentReport report = current(me.project);
  EXPECT_THAT(report.heads, IsEmpty());
  EXPECT_THAT(report.pending, ElementsAre("r1", "r2"));
  EXPECT_FALSE(report.at_head);
  EXPECT_EQ(state_document(), std::nullopt);
}

TEST_F(InspectTest, CurrentAtHeadOpensNoFileAndAsksOnce) {
  line(3);
  upgrade(me.project, "head");
  files.forget_reads();
  server.forget_sent();
  const CurrentReport report = current(me.project);
  EXPECT_TRUE(report.at_head);
  EXPECT_EQ(report.count, 3);
  EXPECT_THAT(report.heads, ElementsAre("r3"));
  EXPECT_THAT(report.file_heads_applied, ElementsAre("r3"));
  EXPECT_EQ(files.reads(), 0U);
  EXPECT_EQ(server.sent().size(), 1U);
}

TEST_F(InspectTest, CurrentInTheMiddleAndWithUnknown) {
  branched();
  upgrade(me.project, "b2");
  CurrentReport report = current(me.project);
  EXPECT_THAT(report.heads, ElementsAre("b2"));
  EXPECT_THAT(report.file_heads_applied, ElementsAre("b2"));
  EXPECT_THAT(report.pending, ElementsAre("a2", "c1"));
  remove_file("b2");
  report = current(me.project);
  EXPECT_THAT(report.unknown, ElementsAre("b2"));
  EXPECT_THAT(report.heads, ElementsAre("b2"));
  EXPECT_THAT(report.file_heads_applied, IsEmpty());
  EXPECT_EQ(report.count, 2);
}

TEST_F(InspectTest, CurrentAndHistoryFillAGapInTheFiles) {
  line(3);
  upgrade(me.project, "head");
  remove_file("r2");
  const CurrentReport report = current(me.project);
  EXPECT_THAT(report.heads, ElementsAre("r3"));
  EXPECT_THAT(report.unknown, ElementsAre("r2"));
  EXPECT_THAT(report.pending, IsEmpty());
  EXPECT_THAT(ids(history(me.project, "", true)), ElementsAre("r3", "r2", "r1"));
  EXPECT_EQ(caught([&] { history(me.project, "", false); }).field("missing"), "r2");
}

TEST_F(InspectTest, CurrentTellsWhatAFailedAttemptLeft) {
  line(2);
  upgrade(me.project, "r1");
  me.scripts.on("+r2", [](Env& env) {
    env.create_collection("old");
    env.drop_collection("old", Drops::for_good);
    throw Error(Kind::migration_failed, "boom");
  });
  upgrade(me.project, "head");
  EXPECT_THAT(current(me.project).notes,
              ElementsAre("the upgrade of r2 failed and left in place: drop collection old"));
  me.scripts.on("+r2", raises("again"));
  upgrade(me.project, "head");
  EXPECT_THAT(current(me.project).notes, IsEmpty()) << "the latest attempt left nothing";
}

TEST_F(InspectTest, CurrentTellsOfAnAttemptUnderWay) {
  line(2);
  me.scripts.on("+r2", [this](Env&) {
    Runner other(server, files, "there");
    const CurrentReport report = current(other.project);
    EXPECT_THAT(report.heads, ElementsAre("r1"));
    EXPECT_THAT(report.notes, ElementsAre(HasSubstr("the upgrade of r2 by here (pid 100) is under way")));
  });
  EXPECT_EQ(upgrade(me.project, "head").failure, nullptr);
}

TEST_F(InspectTest, HistoryIsNewestFirstAndAsksNobodyUnlessTold) {
  branched();
  const auto rows = history(me.project, "", false);
  EXPECT_THAT(server.sent(), IsEmpty());
  const auto order = ids(rows);
  EXPECT_EQ(order.size(), 4U);
  EXPECT_EQ(order.back(), "r1");
  EXPECT_EQ(rows.back().applied, std::nullopt);
  EXPECT_TRUE(rows.back().branch_point);
  EXPECT_THAT(rows.back().children, ElementsAre("a2", "b2"));
}

TEST_F(InspectTest, HistoryWithTheDatabaseKnowsWhatNoFileHas) {
  branched();
  upgrade(me.project, "b2");
  remove_file("b2");
  bool seen = false;
  for (const RevisionReport& row : history(me.project, "", true)) {
    EXPECT_EQ(row.applied, row.revision.id == "r1" || row.revision.id == "b2") << row.revision.id;
    EXPECT_EQ(row.applied_at_ms.has_value(), row.applied == true);
    EXPECT_EQ(row.current, row.revision.id == "b2");
    EXPECT_EQ(row.in_files, row.revision.id != "b2");
    seen = seen || row.revision.id == "b2";
  }
  EXPECT_TRUE(seen);
}

TEST_F(InspectTest, HistoryOfARange) {
  line(4);
  upgrade(me.project, "r2");
  EXPECT_THAT(ids(history(me.project, "r2:r3", false)), ElementsAre("r3", "r2"));
  EXPECT_THAT(ids(history(me.project, "current:", false)), ElementsAre("r4", "r3", "r2"));
}

TEST_F(InspectTest, HeadsBranchesShow) {
  branched();
  EXPECT_THAT(ids(heads(me.project, false)), testing::UnorderedElementsAre("a2", "b2", "c1"));
  EXPECT_THAT(ids(heads(me.project, true)), testing::UnorderedElementsAre("b2", "c1"));
  const auto points = branches(me.project);
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(points[0].point.revision.id, "r1");
  EXPECT_THAT(ids(points[0].children), ElementsAre("a2", "b2"));
  EXPECT_THAT(ids(show(me.project, "a2")), ElementsAre("a2"));
  EXPECT_THAT(server.sent(), IsEmpty());
  upgrade(me.project, "b2");
  EXPECT_THAT(ids(show(me.project, "current")), ElementsAre("b2"));
  EXPECT_EQ(caught([&] { show(me.project, "nobody"); }).kind(), Kind::revision);
}

TEST_F(InspectTest, LogIsNewestFirst) {
  line(3);
  for (const char* id : {"+r1", "+r2", "+r3"}) me.scripts.on(id, [this](Env&) { me.clock.advance(seconds(1)); });
  upgrade(me.project, "r2");
  me.scripts.on("+r3", raises("no"));
  upgrade(me.project, "head");
  const auto entries = log(me.project, 0);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].revision, "r3");
  EXPECT_EQ(entries[0].outcome, "failed");
  EXPECT_EQ(entries[0].error, "no");
  EXPECT_EQ(entries[0].host, "here");
  EXPECT_EQ(entries[2].revision, "r1");
  EXPECT_EQ(entries[2].duration_us, 1000000);
  EXPECT_EQ(log(me.project, 2).size(), 2U);
}

TEST_F(InspectTest, LogBeginsWithWhatIsOpen) {
  line(2);
  upgrade(me.project, "r1");
  Runner other(server, files, "there");
  std::vector<LogEntry> meanwhile;
  other.scripts.on("+r2", [&](Env&) {
    pass(std::chrono::seconds(3), {&me});
    meanwhile = log(me.project, 1);
    throw KilledInCode{};
  });
  EXPECT_THROW(upgrade(other.project, "head"), KilledInCode);
  ASSERT_EQ(meanwhile.size(), 1U);
  EXPECT_EQ(meanwhile.front().outcome, "running");
  EXPECT_EQ(meanwhile.front().host, "there");
  EXPECT_EQ(meanwhile.front().duration_us, 3'000'000);

  pass(std::chrono::seconds(31), {&me});
  const auto open = log(me.project, 0);
  ASSERT_EQ(open.size(), 2U);
  EXPECT_EQ(open.front().outcome, "open");
  EXPECT_EQ(open.front().revision, "r2");
  EXPECT_THAT(open.front().error, HasSubstr("the next command that writes undoes it"));
  EXPECT_THAT(current(me.project).notes, ElementsAre(HasSubstr("the upgrade of r2 by there (pid 100) was cut off")));

  upgrade(me.project, "head");
  EXPECT_EQ(log(me.project, 0)[1].outcome, "unknown") << "settled";
  EXPECT_EQ(log(me.project, 0).size(), 3U);
}

TEST_F(InspectTest, LogOfOneMillisecondKeepsItsOrder) {
  line(3);
  upgrade(me.project, "head");
  const auto entries = log(me.project, 0);
  EXPECT_EQ(entries[0].revision, "r3");
  EXPECT_EQ(entries[2].revision, "r1");
}

TEST_F(InspectTest, WaitEndsWhenTheServerAnswers) {
  server.fail_command(1, Fault::request_lost);
  wait_for_server(me.project, seconds(5));
  EXPECT_EQ(server.sent().size(), 2U);
  server.before_command([](const MemoryServer::Sent&) { throw Error(Kind::unreachable, "nobody"); });
  const Error error = caught([&] { wait_for_server(me.project, seconds(5)); });
  EXPECT_EQ(error.kind(), Kind::unreachable);
  EXPECT_THAT(error.what(), HasSubstr("memory"));
}

TEST_F(InspectTest, WaitLastsAsLongAsItIsTold) {
  server.before_command([](const MemoryServer::Sent&) { throw Error(Kind::unreachable, "nobody"); });
  for (const auto& [timeout, said] : std::vector<std::pair<milliseconds, const char*>>{
           {milliseconds(1100), "after 1.1 s"}, {seconds(1), "after 1.0 s"}, {milliseconds(0), "after 0.0 s"}}) {
    const std::int64_t start_us = me.clock.monotonic_us();
    EXPECT_THAT(caught([&] { wait_for_server(me.project, timeout); }).what(), HasSubstr(said));
    EXPECT_EQ(me.clock.monotonic_us() - start_us, timeout.count() * 1000);
  }
}

// --- Files

TEST_F(InspectTest, AFileThatLooksLikeARevisionAndIsNoneIsNamed) {
  line(1);
  files.put_text("20241210120000_broken.py", "def f():\n    pass\n");
  EXPECT_THAT(caught([&] { heads(me.project, false); }).what(), HasSubstr("20241210120000_broken.py"));
}

TEST_F(InspectTest, AFileNameThatDisagreesIsNamed) {
  line(1);
  files.put_text("other_name.py", files.texts().at(paths["r1"]));
  remove_file("r1");
  EXPECT_THAT(caught([&] { heads(me.project, false); }).what(), HasSubstr("other_name.py"));
}

TEST_F(InspectTest, AHeaderAfterALongDocstringIsFound) {
  NewRevision revision;
  revision.id = "r1";
  revision.message = std::string(10000, 'x');
  revision.created = "2024-12-10 00:00:00";
  files.put(revision);
  EXPECT_THAT(ids(heads(me.project, false)), ElementsAre("r1"));
}

// --- Author

class AuthorTest : public InspectTest {
 protected:
  CreatedRevision create(const std::string& message, NewRevisionOptions options = {}) {
    options.message = message;
    return create_revision(me.project, options);
  }
};

TEST_F(AuthorTest, ANewRevisionStandsOnAllHeadsOfTheFiles) {
  branched();
  const CreatedRevision created = create("add wallet");
  EXPECT_EQ(created.revision.id, "20241210120000");
  EXPECT_EQ(created.revision.path, "migrations/versions/20241210120000_add_wallet.py");
  EXPECT_THAT(created.revision.parents, testing::UnorderedElementsAre("a2", "b2", "c1"));
  EXPECT_EQ(created.created, "2024-12-10 12:00:00");
  EXPECT_THAT(ids(heads(me.project, false)), ElementsAre("20241210120000"));
  EXPECT_THAT(server.sent(), IsEmpty());
}

TEST_F(AuthorTest, ATakenSecondGivesTheNextFreeOne) {
  EXPECT_EQ(create("one").revision.id, "20241210120000");
  EXPECT_EQ(create("two").revision.id, "20241210120001");
  EXPECT_EQ(create("two").revision.id, "20241210120002");
}

// Another process writes a file of the same name between our look at the folder and our own file.
TEST_F(AuthorTest, AFileNameThatIsTakenMeanwhileGivesTheNextId) {
  class Racing : public MemoryFiles {
   public:
    std::string create(const std::string& name, const std::string& text) override {
      if (!raced_) put_text(name, "");
      raced_ = true;
      return MemoryFiles::create(name, text);
    }

   private:
    bool raced_ = false;
  };
  Racing racing;
  NewRevision earlier;
  earlier.id = "20241210120000";
  earlier.message = "other";
  earlier.created = "2024-12-10 12:00:00";
  racing.put(earlier);
  me.project.files = &racing;
  EXPECT_EQ(create("same").revision.id, "20241210120002");  // 00 is the other's, 01 was taken just now
}

TEST_F(AuthorTest, OptionsAreHeard) {
  branched();
  NewRevisionOptions options;
  options.head = {"a2"};
  options.rev_id = "mine";
  options.branch_labels = {"billing"};
  options.depends_on = {"b2"};
  const CreatedRevision created = create("x", options);
  EXPECT_EQ(created.revision.id, "mine");
  const auto row = show(me.project, "mine").at(0);
  EXPECT_THAT(row.revision.parents, ElementsAre("a2"));
  EXPECT_THAT(row.dependencies, ElementsAre("b2"));
  EXPECT_THAT(row.labels, ElementsAre("billing"));
}

TEST_F(AuthorTest, RefusalsWriteNothing) {
  branched();
  const auto before = files.texts();
  NewRevisionOptions not_a_head;
  not_a_head.head = {"r1"};
  EXPECT_THAT(caught([&] { create("x", not_a_head); }).what(), HasSubstr("--splice"));
  NewRevisionOptions taken;
  taken.rev_id = "r1";
  EXPECT_THAT(caught([&] { create("x", taken); }).what(), HasSubstr("r1 exists already"));
  NewRevisionOptions bad;
  bad.rev_id = "a b";
  EXPECT_EQ(caught([&] { create("x", bad); }).kind(), Kind::revision);
  NewRevisionOptions labelled;
  labelled.branch_labels = {"r1"};  // an id already
  EXPECT_EQ(caught([&] { create("x", labelled); }).kind(), Kind::revision);
  me.project.settings.strict_heads = true;
  EXPECT_THAT(caught([&] { create("x"); }).what(), HasSubstr("Multiple heads"));
  EXPECT_EQ(files.texts(), before);
}

TEST_F(AuthorTest, SpliceStandsOnAnyRevision) {
  branched();
  NewRevisionOptions options;
  options.head = {"r1"};
  options.splice = true;
  EXPECT_THAT(create("x", options).revision.parents, ElementsAre("r1"));
}

TEST_F(AuthorTest, MergeJoinsHeads) {
  branched();
  const CreatedRevision merged = merge_revisions(me.project, {"a2", "b2"}, {});
  EXPECT_THAT(merged.revision.parents, ElementsAre("a2", "b2"));
  EXPECT_EQ(merged.revision.message, "merge a2 and b2");
  EXPECT_EQ(heads(me.project, false).size(), 2U);
  EXPECT_THAT(caught([&] { merge_revisions(me.project, {"a2", "r1"}, {}); }).what(),
              HasSubstr("is not a head revision"));
  merge_revisions(me.project, {}, {});
  EXPECT_EQ(heads(me.project, false).size(), 1U);
  EXPECT_THAT(caught([&] { merge_revisions(me.project, {}, {}); }).what(), HasSubstr("nothing to merge"));
}

}  // namespace
}  // namespace treering
