// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/run_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treering/cli/text.h"

namespace treering {
namespace {

using testing::HasSubstr;
using testing::Not;

StepReport step(std::vector<std::string> schema, std::map<std::string, std::int64_t> written) {
  StepReport result;
  result.revision = "20241210120100";
  result.message = "add loyalty program";
  result.duration_us = 44000;
  result.schema = std::move(schema);
  result.written = std::move(written);
  return result;
}

TEST(DoneText, CountsByKindInTheOrderOfTheWork) {
  EXPECT_EQ(done_text(step({"create collection loyalty", "create index loyalty.a_1", "create index loyalty.b_1"},
                           {{"users", 50}})),
            "1 collection, 2 indexes, 50 documents");
  EXPECT_EQ(done_text(step({"create 3 indexes on wallet", "drop index wallet.old"}, {})), "3 indexes, 1 dropped index");
  EXPECT_EQ(
      done_text(step({"drop collection a", "drop collection b", "rename collection c to d"}, {{"x", 1}, {"y", 2}})),
      "2 dropped collections, 1 renamed collection, 3 documents");
  EXPECT_EQ(done_text(step({"run dropDatabase"}, {})), "1 schema change");
  EXPECT_EQ(done_text(step({"change collection a", "change collection a", "change collection b"}, {})),
            "2 changed collections");
  EXPECT_EQ(done_text(step({}, {{"users", 0}})), "no changes");
}

TEST(StepLine, StaysInItsColumns) {
  const std::string plain = step_line(step({}, {}));
  EXPECT_EQ(plain.rfind("20241210120100  add loyalty program           no changes", 0), 0U) << plain;
  StepReport wide = step({}, {});
  wide.message = "钱包钱包钱包钱包钱包钱包钱包钱包钱包钱包\x1b[0m";
  EXPECT_EQ(display_width(step_line(wide)), display_width(plain));
  EXPECT_THAT(step_line(wide), HasSubstr("…"));
}

TEST(SummaryLine, SaysWhereTheDatabaseIs) {
  RunReport report;
  report.done = {step({}, {}), step({}, {})};
  report.heads = {"a", "b"};
  report.at_head = true;
  report.duration_us = 120000;
  EXPECT_EQ(summary_line(report, Direction::upgrade), "2 applied in 0.1 s, now at a, b (head)");
  report.heads.clear();
  report.at_head = false;
  EXPECT_EQ(summary_line(report, Direction::downgrade), "2 reverted in 0.1 s, now at base");
}

TEST(AlreadyAtHead, NamesTheHeads) {
  EXPECT_EQ(already_at_head({"a", "b"}), "already at head: a, b");
  EXPECT_EQ(already_at_head({}), "nothing to apply: there are no revisions yet");
}

RunReport failed_run(Error error) {
  RunReport report;
  report.failed = step({"create index people.last_1"}, {{"users", 17}});
  report.failure = std::make_shared<Error>(std::move(error));
  return report;
}

TEST(FailureText, SaysWhereWhatStaysAndWhatToDo) {
  Error error(Kind::migration_failed, "a.py:14: KeyError: 'full_name'");
  error.with("file", "a.py").with("line", "14").with("exception", "KeyError: 'full_name'\nnote");
  error.with("source_line", "    first, last = user['full_name']")
      .with("traceback", "Traceback:\n  File \"a.py\"\x1b[2J\nKeyError: 'full_name'\nnote\n");
  RunReport report = failed_run(std::move(error));
  report.failed->undone = {"drop collection a\x1b[0m", "create collection b"};
  report.pending = {"p1", "p2", "p3", "p4", "p5", "p6"};
  const std::string text = failure_text(report, Direction::upgrade);
  EXPECT_THAT(text, HasSubstr("20241210120100  add loyalty program           failed "));
  EXPECT_THAT(text, HasSubstr("\n  a.py:14: KeyError: 'full_name'\n      first, last = user['full_name']\n"));
  EXPECT_THAT(text, HasSubstr("\n  Traceback:\n    File \"a.py\"\\x1b[2J\n  KeyError: 'full_name'\n  note\n"));
  EXPECT_THAT(text, HasSubstr("\n  undone: drop collection a\\x1b[0m, create collection b\n  left in place: "));
  EXPECT_THAT(text, HasSubstr("left in place: create index people.last_1\n"));
  EXPECT_THAT(text, HasSubstr("left in place: 17 documents changed in users\n"));
  EXPECT_THAT(text, HasSubstr("the next run meets what is left"));
  EXPECT_THAT(text, HasSubstr("nothing recorded; mend the file and run upgrade again"));
  EXPECT_THAT(text, HasSubstr("not begun: p1, p2, p3, p4, p5 and 1 more"));
}

TEST(FailureText, SaysWhoUndoesWhatIsLeftOpen) {
  Error error(Kind::unreachable, "no server");
  error.with("left_open", "the next command that writes undoes it");
  const std::string text = failure_text(failed_run(std::move(error)), Direction::upgrade);
  EXPECT_THAT(text, HasSubstr("not undone yet: create index people.last_1; the next command that writes undoes it\n"));
  EXPECT_THAT(text, HasSubstr("left in place: 17 documents changed in users\n"));
  EXPECT_THAT(text, Not(HasSubstr("left in place: create index")));
}

TEST(FailureText, DoesNotSayThatNothingIsRecordedWhereNobodyKnows) {
  Error error(Kind::interrupted, "interrupted");
  error.with("unsettled", "all of its transaction was committed, or nothing");
  const std::string text = failure_text(failed_run(std::move(error)), Direction::upgrade);
  EXPECT_THAT(text,
              HasSubstr("\n  all of its transaction was committed, or nothing: the next command that writes finds "
                        "out\n  not known whether it is recorded; run upgrade again"));
  EXPECT_THAT(text, Not(HasSubstr("left in place")));
}

TEST(FailureText, DoesNotBlameTheFileForWhatIsNotItsFault) {
  const std::string text =
      failure_text(failed_run(Error(Kind::lease_lost, "the lease ran out", "run it again")), Direction::downgrade);
  EXPECT_THAT(text, HasSubstr("\n  the lease ran out\n"));
  EXPECT_THAT(text, HasSubstr("run it again"));
  EXPECT_THAT(text, Not(HasSubstr("mend the file")));
}

}  // namespace
}  // namespace treering
