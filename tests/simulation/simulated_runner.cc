// SPDX-License-Identifier: Apache-2.0
#include "simulation/simulated_runner.h"

#include <algorithm>

#include "simulation/world.h"
#include "treering/base/reply.h"
#include "treering/engine/env.h"
#include "treering/engine/migrate.h"

namespace treering::simulation {
namespace {

const char* verb_name(Job::Verb verb) {
  switch (verb) {
    case Job::Verb::upgrade:
      return "upgrade";
    case Job::Verb::downgrade:
      return "downgrade";
    case Job::Verb::stamp:
      break;
  }
  return "stamp";
}

}  // namespace

SimulatedRunner::SimulatedRunner(World& world, Job job, std::size_t number)
    : world_(world), job_(std::move(job)), name_("p" + std::to_string(number)), clock_(*this) {
  clock_.set_offset_ms(job_.clock_offset_ms);
  project_.settings.database = "app";
  project_.settings.me = {job_.host, static_cast<std::int64_t>(100 + number), "ann", "run-" + name_};
  project_.settings.lease = World::kLease;
  project_.settings.lock_timeout = job_.lock_timeout;
  project_.files = &files_;
  project_.server = &world.server;
  project_.scripts = this;
  project_.clock = &clock_;
  project_.observer = this;
}

void SimulatedRunner::prepare_files() {
  for (std::size_t i = 0; i < job_.files; ++i) {
    const GeneratedRevision& revision = world_.history[i];
    if (job_.lacks == i) continue;
    files_.put_text(revision.file_name, job_.edited == i ? revision.text + "\n# edited\n" : revision.text);
  }
}

void SimulatedRunner::live() {
  if (dead_) {
    over_ = true;
    return;
  }
  prepare_files();
  world_.story.tell(name_, "runs {} {} with {} files", verb_name(job_.verb), job_.target, job_.files);
  try {
    judge_report(carry_out());
  } catch (const Killed&) {
    world_.story.tell(name_, "is dead");
  } catch (const Error& error) {
    world_.story.tell(name_, "ends: {}", error.what());
    judge(error, false);
  }
  over_ = true;
}

RunReport SimulatedRunner::carry_out() {
  switch (job_.verb) {
    case Job::Verb::upgrade:
      return upgrade(project_, job_.target);
    case Job::Verb::downgrade:
      return downgrade(project_, job_.target);
    case Job::Verb::stamp:
      break;
  }
  return stamp(project_, {job_.target}, false);
}

void SimulatedRunner::judge_report(const RunReport& report) {
  world_.story.tell(name_, "ends: {} done{}{}", report.done.size(), report.failure ? ", failed: " : "",
                    report.failure ? report.failure->what() : "");
  if (report.failure) judge(*report.failure, true);
}

// Whatever the faults, a run fails for a reason that was given to it.
void SimulatedRunner::judge(const Error& error, bool inside_a_revision) {
  if (dead_) return;
  const bool superseded = world_.watch.is_superseded(*this);
  bool has_reason = !job_.must_succeed;
  switch (error.kind()) {
    case Kind::locked:
    case Kind::unreachable:
      break;
    case Kind::interrupted:
      has_reason = has_reason && clock_.is_interrupted();
      break;
    case Kind::migration_failed:
      has_reason = has_reason && injected_failure;
      break;
    case Kind::lease_lost:
    case Kind::server:
      has_reason = has_reason && superseded;
      break;
    case Kind::revision:
    case Kind::usage:
    case Kind::file:
      has_reason = has_reason && !inside_a_revision;  // a target or files that it refuses before it begins
      break;
    default:
      has_reason = false;
  }
  if (!has_reason) world_.watch.fail(fmt::format("{} failed for no reason: {}", name_, error.what()));
}

void SimulatedRunner::run(const Script& script, Direction direction, Env& env) {
  const bool upgrades = direction == Direction::upgrade;
  const std::string step = (upgrades ? "+" : "-") + script.revision;
  const GeneratedRevision& revision = *world_.revisions.at(script.revision);
  const std::vector<Operation>& operations = upgrades ? revision.upgrade : revision.downgrade;
  code_ended.reset();
  world_.story.tell(name_, "begins the code of {}", step);
  world_.watch.code_started(*this, script.revision, upgrades);
  std::size_t fails_at = operations.size() + 1;
  if (world_.chance.percent(job_.fails)) fails_at = world_.chance.below(operations.size() + 1);
  for (std::size_t i = 0; i <= operations.size(); ++i) {
    if (i == fails_at) {
      injected_failure = true;
      throw Error(Kind::migration_failed, "the code raises");
    }
    if (i < operations.size()) require_written(env.apply(operations[i]));
  }
  world_.story.tell(name_, "has ended the code of {}", step);
  code_ended = step;
}

void SimulatedRunner::note(const std::string& line) { world_.story.tell(name_, "says: {}", line); }

void SimulatedRunner::step_finished(const StepReport& step) {
  world_.watch.acknowledged(*this, (step.direction == Direction::upgrade ? "+" : "-") + step.revision);
}

void SimulatedRunner::sleep(std::int64_t us) {
  if (world_.scheduler.current() == nullptr) return;
  require_alive();
  world_.scheduler.sleep(us);
  if (!wait_while_stopped()) throw Killed{};
}

bool SimulatedRunner::wait_while_stopped() {
  Scheduler& scheduler = world_.scheduler;
  while (!dead_ && scheduler.now_us() < stopped_until_us_) scheduler.sleep(stopped_until_us_ - scheduler.now_us());
  return !dead_;
}

void SimulatedRunner::kill() {
  if (dead_ || over_) return;
  world_.story.tell(name_, "is KILLED");
  dead_ = true;
  for (const auto& task : world_.scheduler.tasks())
    if (task->runner == this && !task->in_flight) world_.scheduler.wake(*task);
}

void SimulatedRunner::stop_until(std::int64_t us) {
  if (dead_ || over_) return;
  world_.story.tell(name_, "is STOPPED until {} ms", us / 1000);
  stopped_until_us_ = std::max(stopped_until_us_, us);
}

void SimulatedRunner::interrupt() {
  if (dead_ || over_) return;
  world_.story.tell(name_, "gets a CTRL-C");
  clock_.interrupt();
}

}  // namespace treering::simulation
