// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/revision_attempt.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "treering/base/amount.h"
#include "treering/base/planted_flaw.h"
#include "treering/base/reply.h"
#include "treering/engine/run_code.h"
#include "treering/engine/transaction_rules.h"
#include "treering/engine/undo.h"
#include "treering/engine/with_transaction.h"
#include "treering/schema/snapshot.h"

namespace treering {
namespace {

// A failure of what the server takes in no transaction, with what to do about it.
std::shared_ptr<const Error> out_of_transaction(const Error& failure) {
  auto advised = std::make_shared<Error>(
      failure.kind(), failure.what(),
      "the server doesn't take that in a transaction: put it into a revision of its own, without transactional = True");
  for (const auto& [name, value] : failure.fields()) advised->with(name, value);
  return advised;
}

// The class of the model that asked for a collection, where the revision was generated from one; else "".
std::string model_of(Files& files, const std::string& revision, const std::string& collection) {
  try {
    const std::string path = files.snapshot_path(revision);
    if (!files.exists(path)) return "";
    const Schema snapshot = schema_from_snapshot(files.read(path), path);
    const Collection* found = snapshot.find(collection);
    return found == nullptr ? "" : found->class_name;
  } catch (const Error&) {
    return "";  // one error is enough to tell
  }
}

}  // namespace

EnvSurroundings RevisionAttempt::surroundings(const Script& script) const {
  EnvSurroundings around;
  around.server = project_.server;
  around.clock = project_.clock;
  around.observer = project_.observer;
  around.run = project_.settings.me.run;
  around.step = script.revision + ":" + std::string(to_string(direction_));
  around.session_started = [&lease = lease_](const std::vector<Document>& sessions) { lease.add_sessions(sessions); };
  return around;
}

AttemptOutcome RevisionAttempt::run(const Script& script, const Attempt& attempt, const AppliedState& applied,
                                    bool transactional, const std::function<void(Store&)>& write_record,
                                    StepReport& step) {
  const std::int64_t began_us = project_.clock->monotonic_us();
  const auto take_time = [&] { step.duration_us = project_.clock->monotonic_us() - began_us; };
  try {
    lease_.require();
    if (transactional) {
      run_in_transaction(script, attempt, applied, [&](Store& store) {
        take_time();
        write_record(store);
      });
    } else {
      run_plain(script, attempt, applied);
    }
  } catch (const Error& error) {
    outcome_.failure = std::make_shared<Error>(error);
  }
  if (env_) tell_done(script, step);
  if (outcome_.failure && journal_) undo_failed(script, step);
  tell_written(step);
  if (outcome_.failure && !outcome_.unsettled)
    for (const auto& [collection, count] : step.written)
      if (count > 0) outcome_.left.push_back(fmt::format("{} changed in {}", counted(count, "document"), collection));
  take_time();
  return std::move(outcome_);
}

void RevisionAttempt::run_plain(const Script& script, const Attempt& attempt, const AppliedState& applied) {
  lease_.advance(applied, attempt);
  const Drops drops = drops_with(project_.settings.trash);
  journal_.emplace(
      lease_, connection_, *project_.clock,
      AttemptJournal::Attempted{script.revision, direction_, project_.settings.me.run, attempt.started_ms, drops});
  EnvSurroundings around = surroundings(script);
  around.journal = &*journal_;
  env_.emplace(connection_, project_.settings.database, [this] { lease_.require(); }, around);
  run_code(*project_.scripts, script, direction_, *env_);
  if (!planted(Flaw::no_check_after_code)) lease_.require();
}

// The code and `write_record` as one, on a connection of their own: the state and the lease are no part of it.
void RevisionAttempt::run_in_transaction(const Script& script, const Attempt& attempt, const AppliedState& applied,
                                         const std::function<void(Store&)>& write_record) {
  inside_ = project_.server->connect();
  lease_.advance(applied, attempt, inside_->fenceable_sessions());
  bool ended = false;
  const auto body = [&] {
    ended = false;
    env_.reset();
    rules_.emplace(connection_, script.revision);
    EnvSurroundings around = surroundings(script);
    around.transaction = &*rules_;
    env_.emplace(*inside_, project_.settings.database, [this] { lease_.require(); }, around);
    run_code(*project_.scripts, script, direction_, *env_);
    rules_->require_intact();
    lease_.require();
    Store store(planted(Flaw::record_outside_transaction) ? connection_ : *inside_, project_.settings.database);
    ended = true;
    write_record(store);
  };
  const auto may_be_repeated = [&](const Error& error) {
    if (error.kind() == Kind::interrupted || error.kind() == Kind::lease_lost) return false;
    return ended ? has_label(error, kTransient) : rules_ && rules_->may_be_repeated();
  };
  try {
    const TransactionOptions options{.write_concern = durable()};
    with_transaction(*inside_, *project_.clock, options, body, may_be_repeated);
  } catch (Error& error) {
    // Whether it was committed, the record tells; but not to us, who can't reach it, or were told to end.
    outcome_.unsettled = has_label(error, kUnknownCommit);
    if (outcome_.unsettled) error.with("unsettled", "all of its transaction was committed, or nothing");
    throw;
  }
}

void RevisionAttempt::tell_done(const Script& script, StepReport& step) {
  Env::Done done = env_->done();
  step.schema = std::move(done.schema);
  written_ = std::move(done.written);
  aggregated_ = std::move(done.aggregated);
  committed_ = std::move(done.committed);
  outcome_.backfilled = step.backfilled = done.backfills > 0;
  backfilled_ = std::move(done.backfilled);
  if (!outcome_.failure) {
    std::ranges::move(aggregated(), std::back_inserter(step.schema));
    return tell_made_empty(script);
  }
  // What was rolled back wasn't done; what went through a session of the code's own was.
  if (rules_ && !outcome_.unsettled) {
    if (rules_->refused_by_server()) outcome_.failure = out_of_transaction(*outcome_.failure);
    Env::Done outside = env_->done_in_sessions();
    step.schema = std::move(outside.schema);
    written_ = std::move(outside.written);
  }
  if (done.refused && is_schema(*done.refused))
    outcome_.failure = with_refused(*outcome_.failure, script, *done.refused);
}

// People know the collections of the database that is migrated by their names alone.
std::string RevisionAttempt::known_as(const std::string& name) const {
  const std::string own = project_.settings.database + ".";
  return name.starts_with(own) ? name.substr(own.size()) : name;
}

void RevisionAttempt::tell_written(StepReport& step) const {
  for (const auto& [name, count] : written_) step.written[known_as(name)] += count;
}

// What aggregations wrote to is there for nobody to take back.
std::vector<std::string> RevisionAttempt::aggregated() const {
  std::vector<std::string> texts;
  for (const std::string& name : aggregated_)
    texts.push_back(fmt::format("change collection {} by an aggregation", known_as(name)));
  return texts;
}

// Who takes a downgrade for a way back should know what it didn't bring back.
void RevisionAttempt::tell_made_empty(const Script& script) {
  if (!journal_) return;
  for (const std::string& name : journal_->made_empty())
    note(project_,
         fmt::format("the downgrade of {} made {} empty: nothing of it is in the trash", script.revision, name));
}

// Names what the server refused, and the model that asked for it where the revision was generated from one.
std::shared_ptr<const Error> RevisionAttempt::with_refused(const Error& failure, const Script& script,
                                                           const Operation& refused) const {
  std::string text = describe(refused);
  if (const std::string model = model_of(*project_.files, script.revision, collection_of(refused)); !model.empty())
    text += " (class " + model + ")";
  auto named = std::make_shared<Error>(failure);
  named->with("refused", text);
  return named;
}

void RevisionAttempt::leave_open(const char* who_undoes_it) {
  auto told = std::make_shared<Error>(*outcome_.failure);
  told->with("left_open", who_undoes_it);
  outcome_.failure = std::move(told);
}

// What was done in a collection is told under the name that it has in the end.
void RevisionAttempt::follow(const Undone::Move& move) {
  if (const auto count = written_.extract(move.from); !count.empty() && !move.to.empty())
    written_[move.to] += count.mapped();
  for (std::set<std::string>* names : {&aggregated_, &backfilled_})
    if (names->erase(move.from) > 0 && !move.to.empty()) names->insert(move.to);
}

void RevisionAttempt::undo_failed(const Script& script, StepReport& step) {
  UndoRequest request;
  request.database = project_.settings.database;
  request.entries = journal_->entries();
  outcome_.left_chunks = journal_->has_chunks();
  // Who lost the lease has nothing to change any more: whoever took it undoes it.
  if (outcome_.failure->kind() == Kind::lease_lost) return leave_open("whoever took the lease undoes it");
  if (planted(Flaw::no_undo)) return;
  request.written = written_;
  request.trashed_as = {"", "", project_.clock->now_ms(), script.revision, direction_, true};
  request.drops = drops_with(project_.settings.trash);
  try {
    const Undone result = undo(lease_, connection_, request);
    step.undone = result.undone;
    outcome_.left = result.left;
    for (const Undone::Move& move : result.moved) follow(move);
    std::ranges::move(committed_, std::back_inserter(outcome_.left));
    std::ranges::move(aggregated(), std::back_inserter(outcome_.left));
    step.schema = outcome_.left;
    step.backfilled = !backfilled_.empty();
  } catch (const Error&) {
    // Why the revision failed matters more to the person than why that couldn't be undone at once.
    outcome_.unsettled = true;
    leave_open("the next command that writes undoes it");
  }
}

}  // namespace treering
