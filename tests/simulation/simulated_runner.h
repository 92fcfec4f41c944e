// SPDX-License-Identifier: Apache-2.0
// One process that runs one command in a simulation, and what may happen to it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fake/memory_files.h"
#include "simulation/generated_history.h"
#include "simulation/simulated_clock.h"
#include "treering/engine/project.h"
#include "treering/engine/report.h"

namespace treering::simulation {

struct World;

// Not an Error: nothing of the engine handles it, just as nothing handles a SIGKILL.
struct Killed : std::exception {};

struct Job {
  enum class Verb { upgrade, downgrade, stamp, work, empty_trash, restore, unlock, doctor };
  Verb verb = Verb::upgrade;
  std::string target;
  std::string host;
  std::int64_t starts_us = 0;
  std::int64_t clock_offset_ms = 0;
  std::chrono::milliseconds lock_timeout{0};
  std::size_t files = 0;             // so many revisions are known to it
  std::optional<std::size_t> lacks;  // the file of this one is missing
  std::optional<std::size_t> edited;
  std::size_t fails = 0;  // percent of the revisions' runs
  bool must_succeed = false;
};

// The engine's ports for one process are this object, its clock and the world's server.
class SimulatedRunner : public Scripts, public Observer {
 public:
  SimulatedRunner(World& world, Job job, std::size_t number);

  // The whole life of the process: as the body of a task.
  void live();

  // Scripts
  void check(const std::vector<Script>&, Direction) override {}
  void run(const Script& script, Direction direction, Env& env) override;
  // Observer
  void note(const std::string& line) override;
  void step_started(const std::string&, const std::string&, Direction) override {}
  void step_finished(const StepReport& step) override;

  // Sleeps as this process: longer where it is stopped. Throws Killed.
  void sleep(std::int64_t us);
  void require_alive() const {
    if (dead_) throw Killed{};
  }
  // False where it died meanwhile.
  bool wait_while_stopped();

  // What happens to it, from events.
  void kill();
  void stop_until(std::int64_t us);
  void interrupt();

  bool is_dead() const { return dead_; }
  bool is_over() const { return over_; }
  World& world() { return world_; }
  SimulatedClock& clock() { return clock_; }
  const Job& job() const { return job_; }
  const std::string& name() const { return name_; }
  const std::string& run_id() const { return project_.settings.me.run; }

  // --- What the watch (watch.h) knows of it
  std::int64_t epoch = 0;                 // of its lease, since it took one
  std::optional<std::string> code_ended;  // "+id" or "-id": its code ended, its record hasn't landed
  std::set<std::string> landed;           // those whose record landed
  bool injected_failure = false;
  std::string drops_for_good;  // the collection that its code drops without the trash, just now
  bool in_backfill = false;    // its code is in one

 private:
  void carry_out();
  RunReport migrate();
  void treat_trash();
  void take_step(const Step& step, Env& env);
  void fail(Env& env, const GeneratedRevision& revision);
  void judge_report(const RunReport& report);
  void judge(const Error& error, bool inside_a_revision);
  bool is_reason(const Error& error, bool inside_a_revision) const;
  void prepare_files();

  World& world_;
  Job job_;
  std::string name_;
  SimulatedClock clock_;
  MemoryFiles files_;
  Project project_;
  bool dead_ = false;
  bool over_ = false;
  std::int64_t stopped_until_us_ = 0;
};

}  // namespace treering::simulation
