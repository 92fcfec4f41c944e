// SPDX-License-Identifier: Apache-2.0
// The clocks of one simulated process: its own idea of the date, and a steady clock that goes on while it is stopped.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "treering/engine/port/clock.h"

namespace treering::simulation {

class SimulatedRunner;

class SimulatedClock : public Clock {
 public:
  explicit SimulatedClock(SimulatedRunner& runner) : runner_(runner) {}

  std::int64_t now_ms() override;
  std::int64_t monotonic_us() override;
  void pause(std::chrono::milliseconds time) override;
  void check_interrupted() override;
  std::unique_ptr<Repeating> every(std::chrono::milliseconds interval, std::function<void()> action) override;
  void together(const std::vector<std::function<void()>>& bodies) override;

  // How far it is from the server's; somebody may set it in the middle of a run.
  void set_offset_ms(std::int64_t offset_ms) { offset_ms_ = offset_ms; }
  void interrupt() { interrupted_ = true; }
  bool is_interrupted() const { return interrupted_; }

 private:
  SimulatedRunner& runner_;
  std::int64_t offset_ms_ = 0;
  bool interrupted_ = false;
};

}  // namespace treering::simulation
