// SPDX-License-Identifier: Apache-2.0
// A run of revisions as JavaScript for mongosh: somebody who has mongosh and no Treering runs it, and Treering then
// finds what it would have left itself (but for who and when). Pure: what the script holds is known when it is written.
//
// The script, run as `mongosh "mongodb://HOST/shop" out.js`, in this order:
// - looks whether the database is where it expects it (state document: heads, count and digest; no open attempt; nobody
//   holds the lease; nothing in `_db_version` that waits to be adopted), and else stops before it has changed anything;
// - takes the lease as lease.h does (its holder's host is "mongosh script on HOST"), renews it beside its work, and
// looks
//   at it before each statement;
// - per revision: opens the attempt in the state, runs the statements and checks their replies, writes the record and
// the
//   journal's entry; the next state write commits it;
// - frees the lease. Where a statement fails, the attempt is journalled as failed, the state stays at what was done
//   before it, the lease is freed, and mongosh ends with exit code 1.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "treering/engine/catalog.h"
#include "treering/engine/port/scripts.h"
#include "treering/engine/state.h"
#include "treering/history/plan.h"
#include "treering/schema/operation.h"

namespace treering {

struct ScriptStep {
  RevisionRecord record;  // as it will be recorded; times and run are the script's own
  AppliedState after;     // once this revision is recorded, or for a downgrade forgotten
  std::vector<Operation> operations;
  std::set<std::size_t> trashed = {};  // which of these drop what Treering itself would keep in the trash
  // Where its writes depend on what it read, places and words for a person
  // ("migrations/versions/x.py:14: find users"); empty where they don't. Such a revision is marked loudly.
  std::vector<std::string> reads;
};

struct ScriptPlan {
  std::string database;
  Direction direction = Direction::upgrade;
  // What the script expects. Where nothing is applied, a database that Treering never saw will do as well.
  AppliedState before;
  std::vector<ScriptStep> steps;
  std::string attempt = {};  // what is to be told of one that was open (describe_attempt); "" where none was
};

// The plan without its operations: a step for each of `scripts`, which is what a run of that direction would go
// through from `catalog` on, in its order. Throws Error(Kind::usage) where revisions of _db_version wait to be adopted.
ScriptPlan script_plan(const std::string& database, Direction direction, Catalog catalog,
                       const std::vector<Script>& scripts);

// The whole text of the script. Throws Error(Kind::usage) on what mongosh can't send (schema/mongosh.h), naming the
// revision (field "revision").
std::string migration_script(const ScriptPlan& plan);

}  // namespace treering
