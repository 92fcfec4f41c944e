// SPDX-License-Identifier: Apache-2.0
#include "simulation/simulated_clock.h"

#include "simulation/simulated_runner.h"
#include "simulation/world.h"

namespace treering::simulation {
namespace {

// An action that is a task of its own, again and again.
class Timer : public Clock::Repeating {
 public:
  Timer(SimulatedRunner& runner, std::chrono::milliseconds interval, std::function<void()> action) : runner_(runner) {
    Scheduler& scheduler = runner.world().scheduler;
    const std::int64_t interval_us = std::chrono::microseconds(interval).count();
    state_ = std::make_shared<State>();
    task_ = scheduler.start(&runner, scheduler.now_us() + interval_us,
                            [&runner, &scheduler, interval_us, state = state_, action = std::move(action)] {
                              while (!state->cancelled && !runner.is_dead()) {
                                state->acting = true;
                                try {
                                  if (runner.wait_while_stopped()) action();
                                } catch (const Killed&) {
                                  // as dead as the rest of the process
                                }
                                state->acting = false;
                                if (!state->cancelled) scheduler.sleep(interval_us);
                              }
                            });
  }

  // Waits for an action that is under way.
  ~Timer() override {
    state_->cancelled = true;
    Scheduler& scheduler = runner_.world().scheduler;
    constexpr std::int64_t kLookAgainUs = 500;
    while (state_->acting) scheduler.sleep(kLookAgainUs);
    if (!task_->fiber.ended()) scheduler.wake(*task_);
  }

 private:
  struct State {
    bool cancelled = false;
    bool acting = false;
  };
  SimulatedRunner& runner_;
  std::shared_ptr<State> state_;
  std::shared_ptr<Task> task_;
};

}  // namespace

std::int64_t SimulatedClock::now_ms() { return runner_.world().server_ms() + offset_ms_; }

std::int64_t SimulatedClock::monotonic_us() { return runner_.world().scheduler.now_us() + 5000000; }

void SimulatedClock::pause(std::chrono::milliseconds time) {
  runner_.sleep(std::chrono::microseconds(time).count());
  check_interrupted();
}

void SimulatedClock::check_interrupted() {
  World& world = runner_.world();
  // Between two checks a process may be stopped anywhere.
  if (world.chance.percent(world.faults.yields)) runner_.sleep(static_cast<std::int64_t>(world.chance.below(20000)));
  runner_.require_alive();
  if (interrupted_) throw Error(Kind::interrupted, "interrupted").with("signal", "2");
}

std::unique_ptr<Clock::Repeating> SimulatedClock::every(std::chrono::milliseconds interval,
                                                        std::function<void()> action) {
  return std::make_unique<Timer>(runner_, interval, std::move(action));
}

void SimulatedClock::together(const std::vector<std::function<void()>>& bodies) {
  for (const auto& body : bodies) body();
}

}  // namespace treering::simulation
