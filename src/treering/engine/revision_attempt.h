// SPDX-License-Identifier: Apache-2.0
// One attempt at a revision: it is opened in the state, its code runs, and where that fails, what it did to collections
// and indexes is undone.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "treering/engine/attempt_journal.h"
#include "treering/engine/env.h"
#include "treering/engine/lease.h"
#include "treering/engine/project.h"
#include "treering/engine/report.h"
#include "treering/engine/store.h"
#include "treering/engine/undo.h"

namespace treering {

struct AttemptOutcome {
  std::shared_ptr<const Error> failure;  // null where the code ended well
  // Nobody knows what came of it, or it couldn't be undone to the end: the attempt is for the next runner.
  bool unsettled = false;
  bool backfilled = false;        // the code had a backfill
  bool left_chunks = false;       // its journal is longer than the state document holds (Store::write_chunk)
  std::vector<std::string> left;  // of a failed one, in words: schema operations that stay, and documents
};

// Borrows everything it is given. Used for one attempt.
class RevisionAttempt {
 public:
  RevisionAttempt(Project& project, Connection& connection, Lease& lease, Direction direction)
      : project_(project), connection_(connection), lease_(lease), direction_(direction) {}

  // Fills in what was done, and how long it took.
  // `write_record`: called at the end of the code of a transactional revision, with the store that its transaction has;
  // that of another revision is the caller's to write.
  AttemptOutcome run(const Script& script, const Attempt& attempt, const AppliedState& applied, bool transactional,
                     const std::function<void(Store&)>& write_record, StepReport& step);

 private:
  void run_plain(const Script& script, const Attempt& attempt, const AppliedState& applied);
  void run_in_transaction(const Script& script, const Attempt& attempt, const AppliedState& applied,
                          const std::function<void(Store&)>& write_record);
  EnvSurroundings surroundings(const Script& script) const;
  void tell_done(const Script& script, StepReport& step);
  void leave_open(const char* who_undoes_it);
  std::string known_as(const std::string& name) const;
  void tell_written(StepReport& step) const;
  std::vector<std::string> aggregated() const;
  void follow(const Undone::Move& move);
  void tell_made_empty(const Script& script);
  void undo_failed(const Script& script, StepReport& step);
  std::shared_ptr<const Error> with_refused(const Error& failure, const Script& script, const Operation& refused) const;

  Project& project_;
  Connection& connection_;
  Lease& lease_;
  Direction direction_;
  std::unique_ptr<Connection> inside_;  // of a transaction
  std::optional<AttemptJournal> journal_;
  std::set<std::string> aggregated_;       // collections that $out and $merge wrote to
  std::vector<std::string> committed_;     // schema operations of transactions of the code's own
  std::set<std::string> backfilled_;       // collections that have backfills which go on where they stopped
  std::optional<TransactionRules> rules_;  // of the transaction under way, or of the last one
  std::optional<Env> env_;
  std::map<std::string, std::int64_t> written_;  // what is there of it still, by namespace
  AttemptOutcome outcome_;
};

}  // namespace treering
