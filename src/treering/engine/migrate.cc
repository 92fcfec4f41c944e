// SPDX-License-Identifier: Apache-2.0
// Every verb here works in the same order: read files, read the state, plan, check the code, and only then take the
// lease (and plan again if somebody else was faster). So a wrong target or a broken file changes nothing, not even our
// own bookkeeping. Per revision there are two writes: the state (commits the one before, opens this one) and the
// record. The journal's entries of upgrades go together (journal.h).
#include "treering/engine/migrate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "treering/base/error.h"
#include "treering/base/planted_flaw.h"
#include "treering/engine/applied_steps.h"
#include "treering/engine/catalog.h"
#include "treering/engine/edited.h"
#include "treering/engine/journal.h"
#include "treering/engine/lease.h"
#include "treering/engine/planned_scripts.h"
#include "treering/engine/revision_attempt.h"
#include "treering/engine/settle.h"
#include "treering/engine/store.h"

namespace treering {
namespace {

void finish_report(RunReport& report, const Catalog& catalog, Project& project, std::int64_t start_us) {
  report.heads = catalog.heads();
  report.at_head = !catalog.any_pending();
  report.unknown = catalog.unknown_ids();
  report.duration_us = project.clock->monotonic_us() - start_us;
}

void tell_unknown(Project& project, const Catalog& catalog) {
  for (const std::string& id : catalog.unknown_ids())
    note(project, fmt::format("{} is applied, but no file of this project has it", id));
}

// One upgrade or downgrade under way.
class Run {
 public:
  Run(Project& project, Direction direction, std::string target)
      : project_(project),
        direction_(direction),
        target_(std::move(target)),
        start_us_(project.clock->monotonic_us()) {}

  RunReport run() {
    Graph files = load_graph_with_applied(project_);
    connection_ = project_.server->connect();
    store_.emplace(*connection_, project_.settings.database);
    const std::optional<State> before = store_->read_state();
    catalog_ = load_catalog(files, *store_, before);
    prepare();
    const bool left_open = before && before->attempt;  // by a runner at work, which we wait for, or by a dead one
    if (plan_.empty() && catalog_.adopted.empty() && !left_open) {
      tell_unknown(project_, catalog_);
      finish_report(report_, catalog_, project_, start_us_);
      return std::move(report_);
    }
    {
      Lease lease(project_, *store_, *connection_);
      journal_.emplace(*store_, lease, *project_.clock);
      settle(lease, before, files);
      tell_unknown(project_, catalog_);
      note_edited(project_, *connection_, catalog_, direction_, plan_);
      for (std::size_t i = 0; i < plan_.size(); ++i) {
        if (!step(lease, i)) break;
      }
      end(lease);
    }
    finish_report(report_, catalog_, project_, start_us_);
    return std::move(report_);
  }

 private:
  // Plans, and has the code of everything planned looked at before anything runs.
  void prepare() {
    plan_ = plan_of(project_, catalog_.graph, catalog_.applied, direction_, target_);
    scripts_ = planned_scripts(project_, *store_, catalog_.graph, plan_, direction_);
    transactional_ = transactional_revisions(project_, *connection_, catalog_.graph, scripts_);
  }

  // Under the lease: what was left open or adopted is put in order, and the plan made again if the database moved
  // meanwhile.
  void settle(Lease& lease, const std::optional<State>& before, const Graph& files) {
    const State& state = lease.state();
    const State seen = before.value_or(State{});
    // With an attempt open the records were read one by one, and its runner may have gone on, or been settled, since.
    if (state.fresh != seen.fresh || !(state.applied == seen.applied) || state.attempt || seen.attempt) {
      catalog_ = load_catalog(files, *store_, state);
      settle_open_attempt(project_, *connection_, *store_, lease, catalog_);
      prepare();
    }
    write_adopted(project_, *store_, catalog_);
    applied_.emplace(catalog_);
  }

  // True where the step went well and is recorded.
  bool step(Lease& lease, std::size_t index) {
    const Script& script = scripts_[index];
    StepReport step;
    step.revision = script.revision;
    step.message = catalog_.graph.at(script.revision).message;
    step.direction = direction_;
    if (project_.observer != nullptr) project_.observer->step_started(step.revision, step.message, direction_);
    const Attempt attempt{script.revision, std::string(to_string(direction_)), project_.clock->now_ms()};
    const bool transactional = transactional_.contains(script.revision);
    if (direction_ == Direction::downgrade && planted(Flaw::record_deleted_before_code))
      write_record(*store_, script, attempt, step);
    AttemptOutcome outcome = RevisionAttempt(project_, *connection_, lease, direction_)
                                 .run(
                                     script, attempt, applied_->state(), transactional,
                                     [&](Store& store) { write_record(store, script, attempt, step); }, step);
    std::shared_ptr<const Error> failure = outcome.failure;
    left_chunks_ = left_chunks_ || outcome.left_chunks;
    unsettled_ = outcome.unsettled;
    if (failure && !unsettled_) {
      fail(index, std::move(step), attempt, outcome);
      return false;
    }
    if (!failure) failure = record(lease, script, attempt, step, transactional, outcome.backfilled);
    if (failure) {
      // The code has ended and nobody knows whether its record was written: the attempt stays open, and the next runner
      // settles it.
      unsettled_ = true;
      report_.failure = failure;
      report_.failed = std::move(step);
      report_.pending.assign(plan_.begin() + static_cast<std::ptrdiff_t>(index) + 1, plan_.end());
      return false;
    }
    if (project_.observer != nullptr) project_.observer->step_finished(step);
    report_.done.push_back(std::move(step));
    return true;
  }

  // What is noted of a revision whose code has ended well. Gives why it couldn't be.
  std::shared_ptr<const Error> record(Lease& lease, const Script& script, const Attempt& attempt,
                                      const StepReport& step, bool was_recorded, bool backfilled) try {
    if (planted(Flaw::record_after_state)) advance_before_record(lease, script.revision);
    if (!was_recorded) write_record(*store_, script, attempt, step);
    if (backfilled) forget_backfills(*connection_, project_.settings.database, {script.revision});
    tell_recorded(script, attempt, step);
    return nullptr;
  } catch (const Error& error) {
    auto told = std::make_shared<Error>(error);
    told->with("unsettled", "its code has ended, and its record was written, or not");
    return told;
  }

  // The planted flaw that it is asked for.
  void advance_before_record(Lease& lease, const std::string& revision) {
    Applied after = catalog_.applied;
    if (direction_ == Direction::downgrade) {
      after.erase(revision);
    } else {
      after.insert(revision);
    }
    Catalog changed = catalog_;
    changed.applied = after;
    lease.advance(changed.state(), std::nullopt);
  }

  void write_record(Store& store, const Script& script, const Attempt& attempt, const StepReport& step) {
    if (direction_ == Direction::downgrade) return store.delete_records({script.revision});
    RevisionRecord record;
    record.revision = catalog_.graph.at(script.revision);
    record.revision.depends_on = catalog_.graph.dependencies(script.revision);
    record.source = script.source;
    record.started_ms = attempt.started_ms;
    record.applied_ms = project_.clock->now_ms();
    record.duration_us = step.duration_us;
    record.how = "upgrade";
    record.run = project_.settings.me.run;
    store.write_record(record, project_.settings.me);
  }

  // The record is written: what follows from it.
  void tell_recorded(const Script& script, const Attempt& attempt, const StepReport& step) {
    LogEntry entry = log_entry(attempt, project_.settings.me);
    entry.outcome = "done";
    entry.duration_us = step.duration_us;
    if (direction_ == Direction::upgrade) {
      applied_->add(script.revision);
      journal_->add_done(entry);
    } else {
      applied_->remove(script.revision);
      journal_->add_now(entry);  // no record is left that would tell
    }
  }

  void fail(std::size_t index, StepReport step, const Attempt& attempt, const AttemptOutcome& outcome) {
    const std::shared_ptr<const Error>& failure = outcome.failure;
    report_.pending.assign(plan_.begin() + static_cast<std::ptrdiff_t>(index) + 1, plan_.end());
    report_.failure = failure;
    LogEntry entry = log_entry(attempt, project_.settings.me);
    entry.outcome = failure->kind() == Kind::interrupted ? "interrupted" : "failed";
    entry.duration_us = step.duration_us;
    entry.error = failure->what();
    entry.undone = step.undone;
    entry.left = outcome.left;
    report_.failed = std::move(step);
    if (failure->kind() == Kind::lease_lost) return;  // nothing more is ours to write
    try {
      journal_->add_now(entry);
    } catch (const Error&) {
      unsettled_ = true;  // the server is gone too; why the revision failed matters more to the person than that
    }
  }

  void end(Lease& lease) {
    if (unsettled_ || (report_.failure && report_.failure->kind() == Kind::lease_lost)) return;
    try {
      journal_->flush();
      if (left_chunks_) store_->delete_chunks(project_.settings.me.run);
      // What an upgrade that was killed may have left must not be taken for done by the next.
      if (direction_ == Direction::downgrade && !report_.done.empty()) forget_backfills_of_all();
      lease.release(applied_->last_state());
    } catch (const Error&) {
      if (!report_.failure) throw;
    }
  }

  void forget_backfills_of_all() {
    std::vector<std::string> reverted;
    for (const StepReport& step : report_.done) reverted.push_back(step.revision);
    forget_backfills(*connection_, project_.settings.database, reverted);
  }

  Project& project_;
  Direction direction_;
  std::string target_;
  std::int64_t start_us_;
  std::unique_ptr<Connection> connection_;
  std::optional<Store> store_;
  std::optional<Journal> journal_;
  Catalog catalog_;
  std::optional<AppliedSteps> applied_;  // from when the lease is ours
  std::vector<std::string> plan_;
  std::vector<Script> scripts_;
  std::set<std::string> transactional_;  // of plan_
  bool left_chunks_ = false;             // of a journal that is longer than the state document holds
  bool unsettled_ = false;               // the open attempt in the state is for the next runner
  RunReport report_;
};

}  // namespace

bool nothing_to_upgrade(Project& project, const std::string& target, std::vector<std::string>& heads) {
  if (target != "head" && target != "heads") return false;
  const auto file_names = project.files->begin_names();
  auto connection = project.server->connect();
  const std::optional<State> state = Store(*connection, project.settings.database).read_state();
  // With an attempt open somebody is at work, or died at it: for whoever takes the lease.
  if (!state || state->fresh || state->attempt) return false;
  if (project.settings.strict_heads && state->applied.heads.size() != 1) return false;
  const NamedIds named = named_ids(file_names());
  if (named.count != state->applied.count || named.digest != state->applied.digest) return false;
  heads = state->applied.heads;
  return true;
}

RunReport upgrade(Project& project, const std::string& target) {
  return Run(project, Direction::upgrade, target).run();
}

RunReport downgrade(Project& project, const std::string& target) {
  return Run(project, Direction::downgrade, target).run();
}

}  // namespace treering
