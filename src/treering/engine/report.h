// SPDX-License-Identifier: Apache-2.0
// Results of the verbs, as plain values: the same words for the command line, JSON, Python and HTTP.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "treering/base/error.h"
#include "treering/history/plan.h"
#include "treering/history/revision.h"

namespace treering {

// An operation that a dry run met: what it would do. Several of a kind that come one after the other are one.
struct PlannedOperation {
  std::string text;        // in words, as StepReport::schema: "update users", "create index users.email_1"
  std::string collection;  // "" for a command without one
  std::string filter;      // of a write: its filter as JSON; with values left out ("?") where several differ
  std::int64_t operations = 1;
  // That it would insert, change or delete, copy, index, or drop; nothing where nobody can say.
  std::optional<std::int64_t> documents;
  bool exact = true;          // false: counted in part, or by the collection's metadata
  std::string access;         // how the server finds them: "index email_1", "collection scan"; "" where it doesn't look
  std::string note;           // what a person should know: "3 documents don't match the validator"
  std::string database = {};  // where it isn't the one that is migrated
  bool trash = false;         // what it drops goes into the trash
  friend bool operator==(const PlannedOperation&, const PlannedOperation&) = default;
};

struct StepReport {
  std::string revision;
  std::string message;
  Direction direction = Direction::upgrade;
  std::int64_t duration_us = 0;
  std::vector<std::string> schema;  // what was done to collections and indexes, in words, in order
  std::vector<std::string> undone;  // of a failed step: what of it was undone again, newest first
  // Documents inserted, changed or deleted, by collection; by "database.collection" in a database that isn't the
  // migrated one.
  std::map<std::string, std::int64_t> written;
  bool backfilled = false;                // some of these by a backfill, which a later run goes on with
  std::vector<PlannedOperation> planned;  // of a dry run, where `schema` and `written` are empty
};

// Of upgrade, downgrade and stamp. A failed revision is a part of the result: what was done before it stays done.
struct RunReport {
  bool dry_run = false;  // nothing was written: `done` would be done; `heads` are those of now
  std::vector<StepReport> done;
  std::shared_ptr<const Error> failure;  // why the run stopped; null when it didn't
  std::optional<StepReport> failed;      // the step that failed, with what it had done by then
  std::vector<std::string> pending;      // planned and not begun
  std::vector<std::string> heads;        // applied heads afterwards
  bool at_head = false;                  // nothing that the files have is pending
  std::vector<std::string> unknown;      // applied revisions that no file has
  std::int64_t duration_us = 0;
};

// How a revision stands in the graph and in the database.
struct RevisionReport {
  Revision revision;
  bool head = false;
  bool branch_point = false;
  bool merge_point = false;
  std::optional<bool> applied;  // nothing where the database was not asked
  bool current = false;         // an applied head
  bool in_files = true;         // false: known from the database only
  std::vector<std::string> children;
  std::vector<std::string> dependencies;
  std::vector<std::string> labels;  // that hold for it
  std::optional<std::int64_t> applied_at_ms;
};

struct CurrentReport {
  std::vector<std::string> heads;               // applied heads; empty on a fresh database
  std::vector<std::string> file_heads_applied;  // those of them that are heads of the files
  bool at_head = false;                         // every revision of the files is applied (also when there is none)
  std::int64_t count = 0;                       // applied revisions
  std::vector<std::string> pending;             // in plan order; not filled where at_head
  std::vector<std::string> unknown;             // applied, and in no file
  std::vector<std::string> notes;               // e.g. a _db_version that is not adopted yet
};

// One attempt of the journal.
struct LogEntry {
  std::string revision;
  std::string direction;  // "upgrade", "downgrade", "stamp"
  std::string outcome;  // "done", "failed", "interrupted", "running"; of a process that is gone: "open" until somebody
                        // undoes it, then "undone" or "unknown"
  std::int64_t started_ms = 0;
  std::int64_t duration_us = 0;
  std::string host;
  std::int64_t pid = 0;
  std::string user;
  std::string error;  // "" where it went well
  std::string run;
  std::vector<std::string> undone;  // as in StepReport
  std::vector<std::string> left;    // schema operations of it that stay in the database
};

}  // namespace treering
