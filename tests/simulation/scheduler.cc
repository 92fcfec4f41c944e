// SPDX-License-Identifier: Apache-2.0
#include "simulation/scheduler.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace treering::simulation {

std::shared_ptr<Task> Scheduler::start(SimulatedRunner* runner, std::int64_t at_us, std::function<void()> body) {
  auto task = std::make_shared<Task>(runner, std::move(body));
  task->wakes_us = std::max(at_us, now_us_);
  task->turn = ++turns_;
  tasks_.push_back(task);
  return task;
}

void Scheduler::at(std::int64_t at_us, std::function<void()> event) {
  events_.push_back({at_us, ++turns_, std::move(event)});
}

void Scheduler::sleep(std::int64_t us) {
  current_->wakes_us = now_us_ + us;
  current_->turn = ++turns_;
  current_->fiber.leave();
}

void Scheduler::wake(Task& task) {
  task.wakes_us = now_us_;
  task.turn = ++turns_;
}

bool Scheduler::step() {
  const auto task = std::ranges::min_element(
      tasks_, {}, [](const std::shared_ptr<Task>& one) { return std::tuple(one->wakes_us, one->turn); });
  const auto event =
      std::ranges::min_element(events_, {}, [](const Event& one) { return std::tuple(one.at_us, one.turn); });
  if (task == tasks_.end() && event == events_.end()) return false;
  if (event != events_.end() &&
      (task == tasks_.end() || std::tuple(event->at_us, event->turn) < std::tuple((*task)->wakes_us, (*task)->turn))) {
    const Event due = std::move(*event);
    events_.erase(event);
    now_us_ = std::max(now_us_, due.at_us);
    due.body();
    return true;
  }
  const std::shared_ptr<Task> next = *task;
  now_us_ = std::max(now_us_, next->wakes_us);
  current_ = next.get();
  next->fiber.resume();
  current_ = nullptr;
  if (next->fiber.ended()) std::erase(tasks_, next);
  return true;
}

}  // namespace treering::simulation
