// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/revision_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace treering {
namespace {

RevisionReport report(const std::string& id, std::vector<std::string> parents, const std::string& message) {
  RevisionReport result;
  result.revision.id = id;
  result.revision.parents = std::move(parents);
  result.revision.message = message;
  result.merge_point = result.revision.parents.size() > 1;
  return result;
}

TEST(HistoryLine, IsAlembics) {
  RevisionReport head = report("bbbb", {"aaaa"}, "second");
  head.head = true;
  EXPECT_EQ(history_line(head), "aaaa -> bbbb (head), second");

  RevisionReport base = report("aaaa", {}, "Added account table");
  base.branch_point = base.current = true;
  EXPECT_EQ(history_line(base), "<base> -> aaaa (current) (branchpoint), Added account table");

  RevisionReport merge = report("dddd", {"bbbb", "cccc"}, "merge them");
  merge.labels = {"feat"};
  merge.head = merge.current = true;
  EXPECT_EQ(history_line(merge), "bbbb, cccc -> dddd (feat) (head) (current) (mergepoint), merge them");

  RevisionReport depends = report("b", {"a"}, "x");
  depends.dependencies = {"dep"};
  EXPECT_EQ(history_line(depends), "a (dep) -> b, x");
}

TEST(HistoryLine, IsHarmless) {
  EXPECT_EQ(history_line(report("b", {"a"}, "x\x1b[31m\nforged line")), "a -> b, x\\x1b[31m\\nforged line");
}

TEST(HeadLine, HasLabelsAndMark) {
  RevisionReport head = report("cccc", {"aaaa"}, "third");
  head.head = true;
  head.labels = {"feat"};
  EXPECT_EQ(head_line(head), "cccc (feat) (head)");
}

TEST(ShowText, IsAlembicsBlock) {
  RevisionReport base = report("aaaa", {}, "Added");
  base.branch_point = true;
  base.children = {"bbbb", "cccc"};
  base.revision.path = "migrations/versions/aaaa_added.py";
  base.revision.doc = "\nAdded\n\nRevision ID: aaaa\n";
  EXPECT_EQ(
      show_text(base),
      "Rev: aaaa (branchpoint)\nParent: <base>\nBranches into: bbbb, cccc\nPath: migrations/versions/aaaa_added.py\n\n"
      "    Added\n\n    Revision ID: aaaa\n");
  RevisionReport merge = report("dddd", {"bbbb", "cccc"}, "merge");
  merge.in_files = false;
  merge.applied_at_ms = 1733842800000;
  EXPECT_EQ(
      show_text(merge),
      "Rev: dddd (mergepoint) (not in the files)\nMerges: bbbb, cccc\nApplied: 2024-12-10 15:00:00 UTC\n\n    merge\n");
}

TEST(BranchText, ListsChildrenUnderThePoint) {
  Branch branch{report("aaaa", {}, "x"), {report("bbbb", {"aaaa"}, "y")}};
  branch.point.branch_point = true;
  branch.children[0].head = true;
  EXPECT_EQ(branch_text(branch), "aaaa (branchpoint)\n     -> bbbb (head)");
}

TEST(CurrentLine, MarksHeadsAndStrangers) {
  CurrentReport current;
  current.heads = {"a", "b", "c"};
  current.file_heads_applied = {"a"};
  current.unknown = {"c"};
  EXPECT_EQ(current_line(current, "a"), "a (head)");
  EXPECT_EQ(current_line(current, "b"), "b");
  EXPECT_EQ(current_line(current, "c"), "c (not in the files)");
}

TEST(LogLine, HasWhoWhenAndWhy) {
  LogEntry entry;
  entry.revision = "20241210150000";
  entry.direction = "upgrade";
  entry.outcome = "failed";
  entry.started_ms = 1733842800000;
  entry.duration_us = 31000;
  entry.host = "web-7";
  entry.user = "ann";
  entry.pid = 7;
  entry.error = "a.py:3: KeyError: 'x'\nmore";
  EXPECT_EQ(log_line(entry),
            "2024-12-10 15:00:00 UTC  upgrade    failed       20241210150000     31 ms  ann@web-7 (pid 7)\n  a.py:3: "
            "KeyError: 'x'\\nmore");
  entry.duration_us = 0;
  EXPECT_THAT(log_line(entry), testing::HasSubstr("20241210150000    0.0 ms  ann@web-7"));
  entry.outcome = "unknown";  // of a process that was killed
  EXPECT_THAT(log_line(entry), testing::HasSubstr("20241210150000         -  ann@web-7"));
}

}  // namespace
}  // namespace treering
