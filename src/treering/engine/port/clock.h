// SPDX-License-Identifier: Apache-2.0
// Port: time, threads, and the wish of somebody outside that we stop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace treering {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Milliseconds since 1970 UTC by this machine's clock. For revision ids and what people read; never for leases.
  virtual std::int64_t now_ms() = 0;

  // Microseconds since some start that never jumps. For durations.
  virtual std::int64_t monotonic_us() = 0;

  // Waits that long; throws Error(Kind::interrupted) as soon as a signal asked us to stop.
  virtual void pause(std::chrono::milliseconds time) = 0;

  // Throws Error(Kind::interrupted) where a signal asked us to stop, else returns at once.
  virtual void check_interrupted() = 0;

  // Calls `action` again and again, that long apart, on a thread of its own until the returned guard is destroyed
  // (which waits for a call that is under way). `action` must not throw.
  class Repeating {
   public:
    virtual ~Repeating() = default;
  };
  virtual std::unique_ptr<Repeating> every(std::chrono::milliseconds interval, std::function<void()> action) = 0;

  // Calls each body at once, the first on this thread and every other on one of its own, and returns when all have. A
  // body must not throw.
  virtual void together(const std::vector<std::function<void()>>& bodies) = 0;
};

}  // namespace treering
