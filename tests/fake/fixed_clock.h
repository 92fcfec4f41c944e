// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until the test, or a pause, moves it.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "treering/base/error.h"
#include "treering/engine/port/clock.h"

namespace treering {

class FixedClock : public Clock {
 public:
  std::int64_t now_ms() override { return now_ms_; }
  std::int64_t monotonic_us() override { return monotonic_us_; }

  void pause(std::chrono::milliseconds time) override {
    advance(time);
    if (on_pause_) on_pause_(time);
    check_interrupted();
  }
  void check_interrupted() override {
    if (signal_ != 0) throw Error(Kind::interrupted, "interrupted").with("signal", std::to_string(signal_));
  }
  // Never fires by itself: see fire().
  std::unique_ptr<Repeating> every(std::chrono::milliseconds interval, std::function<void()> action) override {
    auto timer = std::make_unique<Timer>();
    timer->clock = this;
    timers_.push_back({timer.get(), interval, std::move(action)});
    return timer;
  }

  void together(const std::vector<std::function<void()>>& bodies) override {
    for (const auto& body : bodies) body();
  }

  // --- For tests
  void advance(std::chrono::milliseconds time) {
    now_ms_ += time.count();
    monotonic_us_ += std::chrono::microseconds(time).count();
  }
  void set_now(std::int64_t now_ms) { now_ms_ = now_ms; }  // somebody sets the machine's clock
  void interrupt(int signal) { signal_ = signal; }
  void on_pause(std::function<void(std::chrono::milliseconds)> hook) { on_pause_ = std::move(hook); }
  // Everything that repeats, once.
  void fire() {
    for (const Entry& entry : std::vector<Entry>(timers_)) entry.action();
  }
  std::size_t repeating() const { return timers_.size(); }
  std::chrono::milliseconds interval() const {
    return timers_.empty() ? std::chrono::milliseconds(0) : timers_.back().interval;
  }

 private:
  struct Timer : Repeating {
    ~Timer() override {
      std::erase_if(clock->timers_, [this](const Entry& entry) { return entry.timer == this; });
    }
    FixedClock* clock = nullptr;
  };
  struct Entry {
    const Timer* timer;
    std::chrono::milliseconds interval;
    std::function<void()> action;
  };

  std::int64_t now_ms_ = 1733832000000;  // 2024-12-10 12:00:00 UTC
  std::int64_t monotonic_us_ = 5000000;
  int signal_ = 0;
  std::vector<Entry> timers_;
  std::function<void(std::chrono::milliseconds)> on_pause_;
};

}  // namespace treering
