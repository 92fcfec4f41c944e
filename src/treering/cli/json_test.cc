// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/json.h"

#include <gtest/gtest.h>

namespace treering {
namespace {

Json parsed(const char* text) { return Json::parse(text); }

TEST(JsonOf, ErrorHasKindMessageHintFieldsAndExitCode) {
  Error error(Kind::locked, "locked by web-7", "wait");
  error.with("host", "web-7").with("pid", "4121");
  EXPECT_EQ(with_error(Json::object(), error),
            parsed(R"({"error": {"kind": "locked", "message": "locked by web-7", "hint": "wait",
    "fields": {"host": "web-7", "pid": "4121"}}, "exit_code": 3})"));
}

TEST(JsonOf, RevisionNamesWhatIsNotKnownAsNull) {
  RevisionReport report;
  report.revision.id = "b";
  report.revision.parents = {"a"};
  report.revision.message = report.revision.doc = "x";
  report.head = true;
  EXPECT_EQ(
      json_of(report),
      parsed(R"({"revision": "b", "down_revision": ["a"], "message": "x", "doc": "x", "path": null, "branch_labels": [],
    "depends_on": [], "labels": [], "children": [], "head": true, "branch_point": false, "merge_point": false, "in_files": true,
    "applied": null, "applied_at": null, "current": false})"));
  report.applied = true;
  report.applied_at_ms = 1733842800000;
  EXPECT_EQ(json_of(report)["applied"], true);
  EXPECT_EQ(json_of(report)["applied_at"], "2024-12-10T15:00:00Z");
}

TEST(JsonOf, RunHasErrorOnlyWhereItFailed) {
  RunReport report;
  StepReport step;
  step.revision = "a";
  step.message = "m";
  step.duration_us = 1500;
  step.schema = {"create collection c"};
  step.written = {{"users", 50}};
  report.done = {step};
  report.heads = {"a"};
  report.at_head = true;
  report.duration_us = 2000;
  EXPECT_EQ(
      json_of(report),
      parsed(
          R"({"dry_run": false, "done": [{"revision": "a", "message": "m", "direction": "upgrade", "duration_ms": 1.5,
    "schema": ["create collection c"], "undone": [], "written": {"users": 50}, "planned": []}], "failed": null, "pending": [], "heads": ["a"], "at_head": true,
    "unknown": [], "duration_ms": 2.0})"));
  report.failed = step;
  report.failure = std::make_shared<Error>(Kind::migration_failed, "boom");
  const Json failed = json_of(report);
  EXPECT_EQ(failed["exit_code"], 1);
  EXPECT_EQ(failed["error"]["kind"], "migration_failed");
  EXPECT_EQ(failed["failed"]["revision"], "a");
}

TEST(JsonOf, AnAttemptWithoutEndHasNoDuration) {
  LogEntry entry;
  for (const char* outcome : {"open", "undone", "unknown"}) {
    entry.outcome = outcome;
    EXPECT_EQ(json_of(entry)["duration_ms"], nullptr) << outcome;
  }
  for (const char* outcome : {"done", "failed", "interrupted", "running"}) {
    entry.outcome = outcome;
    EXPECT_EQ(json_of(entry)["duration_ms"], 0.0) << outcome;
  }
  entry.duration_us = 1500;
  EXPECT_EQ(json_of(entry)["duration_ms"], 1.5);
}

TEST(JsonOf, ListsAreListsHoweverLong) {
  EXPECT_EQ(json_list(std::vector<LogEntry>{}), Json::array());
  EXPECT_EQ(json_list(std::vector<LogEntry>{LogEntry{}}).size(), 1U);
  CurrentReport current;
  EXPECT_EQ(
      json_of(current),
      parsed(
          R"({"heads": [], "file_heads_applied": [], "at_head": false, "count": 0, "pending": [], "unknown": [], "notes": []})"));
}

}  // namespace
}  // namespace treering
