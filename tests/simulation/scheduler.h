// SPDX-License-Identifier: Apache-2.0
// Who goes on, and when: the simulated time, tasks that sleep until some moment of it, and events.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "simulation/fiber.h"
#include "treering/base/document.h"

namespace treering::simulation {

class SimulatedRunner;

// A thread of a simulated process.
struct Task {
  Task(SimulatedRunner* its_runner, std::function<void()> body) : runner(its_runner), fiber(std::move(body)) {}

  SimulatedRunner* runner;
  Fiber fiber;
  std::int64_t wakes_us = 0;
  std::uint64_t turn = 0;
  bool in_flight = false;        // what it sleeps for is out of its process's hands: a request on its way
  std::optional<Document> lost;  // its last command, if that was lost: it may be sent again without another look
};

// Everything happens in the order of its moment, and what has the same moment in the order in which it was asked for;
// the moments come from the seed's choices.
class Scheduler {
 public:
  std::int64_t now_us() const { return now_us_; }
  // Null outside of every task: in events, and before and after the simulation.
  Task* current() const { return current_; }

  // `body` must not throw.
  std::shared_ptr<Task> start(SimulatedRunner* runner, std::int64_t at_us, std::function<void()> body);
  void at(std::int64_t at_us, std::function<void()> event);
  // REQUIRES: called in a task.
  void sleep(std::int64_t us);
  // A task that sleeps goes on now.
  void wake(Task& task);

  // What comes next; false where nothing does.
  bool step();
  // Nothing is to happen any more but that every task ends: events are forgotten.
  void forget_events() { events_.clear(); }
  const std::vector<std::shared_ptr<Task>>& tasks() const { return tasks_; }

 private:
  struct Event {
    std::int64_t at_us;
    std::uint64_t turn;
    std::function<void()> body;
  };

  std::int64_t now_us_ = 0;
  std::uint64_t turns_ = 0;
  Task* current_ = nullptr;
  std::vector<std::shared_ptr<Task>> tasks_;
  std::vector<Event> events_;
};

}  // namespace treering::simulation
