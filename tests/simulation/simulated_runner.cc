// SPDX-License-Identifier: Apache-2.0
#include "simulation/simulated_runner.h"

#include <algorithm>

#include "simulation/world.h"
#include "treering/base/reply.h"
#include "treering/engine/doctor.h"
#include "treering/engine/env.h"
#include "treering/engine/lease_state.h"
#include "treering/engine/migrate.h"
#include "treering/engine/trash_verbs.h"

namespace treering::simulation {
namespace {

// As long as it lives.
template <typename What>
class Doing {
 public:
  Doing(What& now, What what) : now_(now) { now_ = std::move(what); }
  ~Doing() { now_ = What(); }
  Doing(const Doing&) = delete;
  Doing& operator=(const Doing&) = delete;

 private:
  What& now_;
};

const char* verb_name(Job::Verb verb) {
  switch (verb) {
    case Job::Verb::upgrade:
      return "upgrade";
    case Job::Verb::downgrade:
      return "downgrade";
    case Job::Verb::stamp:
      return "stamp";
    case Job::Verb::work:
      return "work";
    case Job::Verb::empty_trash:
      return "trash empty";
    case Job::Verb::restore:
      return "trash restore";
    case Job::Verb::unlock:
      return "unlock --force";
    case Job::Verb::doctor:
      break;
  }
  return "doctor";
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
    carry_out();
  } catch (const Killed&) {
    world_.story.tell(name_, "is dead");
  } catch (const Error& error) {
    world_.story.tell(name_, "ends: {}", error.what());
    judge(error, false);
  }
  over_ = true;
}

void SimulatedRunner::carry_out() {
  switch (job_.verb) {
    case Job::Verb::upgrade:
    case Job::Verb::downgrade:
    case Job::Verb::stamp:
      return judge_report(migrate());
    case Job::Verb::work:
      work_on_backfills({&world_.server, &clock_, this, "app", run_id(), [this] { clock_.check_interrupted(); }}, 1);
      return;
    case Job::Verb::empty_trash:
    case Job::Verb::restore:
      return treat_trash();
    case Job::Verb::unlock:
      if (const auto shown = read_lease(project_); shown && shown->is_held()) unlock(project_, *shown);
      return;
    case Job::Verb::doctor:
      doctor(project_, {"treering.toml", {"versions"}});
  }
}

RunReport SimulatedRunner::migrate() {
  if (job_.verb == Job::Verb::upgrade) return upgrade(project_, job_.target);
  if (job_.verb == Job::Verb::downgrade) return downgrade(project_, job_.target);
  return stamp(project_, {job_.target}, false);
}

void SimulatedRunner::treat_trash() {
  const std::vector<TrashReport> held = trash(project_);
  if (held.empty()) return;
  const TrashReport& one = held[world_.chance.below(held.size())];
  if (job_.verb == Job::Verb::empty_trash) {
    empty_trash(project_, world_.chance.percent(50) ? held : std::vector<TrashReport>{one});
  } else {
    restore(project_, one.what.name, World::kRestored + name_);
  }
}

void SimulatedRunner::judge_report(const RunReport& report) {
  world_.story.tell(name_, "ends: {} done{}{}", report.done.size(), report.failure ? ", failed: " : "",
                    report.failure ? report.failure->what() : "");
  if (report.failure) judge(*report.failure, true);
}

void SimulatedRunner::judge(const Error& error, bool inside_a_revision) {
  if (dead_ || is_reason(error, inside_a_revision)) return;
  world_.watch.fail(fmt::format("{} failed for no reason: {}", name_, error.what()));
}

// Whatever the faults, a run fails for a reason that was given to it.
bool SimulatedRunner::is_reason(const Error& error, bool inside_a_revision) const {
  const bool superseded = world_.watch.is_superseded(*this);
  switch (error.kind()) {
    case Kind::locked:
    case Kind::unreachable:
      return true;
    case Kind::interrupted:
      return !job_.must_succeed && clock_.is_interrupted();
    case Kind::migration_failed:
      return !job_.must_succeed && injected_failure;
    case Kind::lease_lost:
      return !job_.must_succeed && superseded;
    case Kind::server:
      // What is gone for good no downgrade finds again.
      if (job_.verb == Job::Verb::downgrade && world_.watch.is_something_gone()) return true;
      return !job_.must_succeed && (superseded || injected_failure);
    case Kind::revision:
    case Kind::usage:
    case Kind::file:
      return !job_.must_succeed && !inside_a_revision;  // a target or files that it refuses before it begins
    default:
      return false;
  }
}

void SimulatedRunner::run(const Script& script, Direction direction, Env& env) {
  const bool upgrades = direction == Direction::upgrade;
  const std::string step = (upgrades ? "+" : "-") + script.revision;
  const GeneratedRevision& revision = *world_.revisions.at(script.revision);
  const std::vector<Step>& steps = upgrades ? revision.upgrade : revision.downgrade;
  code_ended.reset();
  world_.story.tell(name_, "begins the code of {}", step);
  world_.watch.code_started(*this, script.revision, upgrades);
  std::size_t fails_at = steps.size() + 1;
  if (world_.chance.percent(job_.fails)) fails_at = world_.chance.below(steps.size() + 1);
  for (std::size_t i = 0; i <= steps.size(); ++i) {
    if (i == fails_at) fail(env, revision);
    if (i < steps.size()) take_step(steps[i], env);
  }
  world_.story.tell(name_, "has ended the code of {}", step);
  code_ended = step;
}

void SimulatedRunner::take_step(const Step& step, Env& env) {
  if (const auto* operation = std::get_if<Operation>(&step)) {
    require_written(env.apply(*operation));
  } else if (const auto* drop = std::get_if<DropForGood>(&step)) {
    const Doing<std::string> doing(drops_for_good, drop->collection);
    env.drop_collection(drop->collection, Drops::for_good);
  } else {
    const Backfill& backfill = std::get<Backfill>(step);
    BackfillRequest request;
    request.collection = backfill.collection;
    request.filter = Document().add("seed", true);
    request.batch = 2;
    if (backfill.by_code) {
      request.code = [&](const Document&) { return backfill.change; };
    } else {
      request.change = backfill.change;
    }
    const Doing<bool> doing(in_backfill, true);
    env.backfill(request);
  }
}

// The code raises, or asks for what the server refuses: a unique index over duplicates.
void SimulatedRunner::fail(Env& env, const GeneratedRevision& revision) {
  injected_failure = true;
  if (revision.transactional || world_.chance.percent(70)) throw Error(Kind::migration_failed, "the code raises");
  const std::string collection = "twins_of_" + revision.id;
  const std::vector<Document> twins{Document().add("_id", "x").add("twin", 1),
                                    Document().add("_id", "y").add("twin", 1)};
  const Document unique = Document().add("key", Document().add("twin", 1)).add("name", "twin_1").add("unique", true);
  require_written(env.apply({"app", Write{Write::Verb::insert, collection, twins, {}}}));
  require_written(env.apply({"app", CreateIndexes{collection, {unique}, {}}}));
  world_.watch.fail(name_ + " made a unique index over duplicates");
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
