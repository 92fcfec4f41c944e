// SPDX-License-Identifier: Apache-2.0
// A server that was there and is away: for how long it is worth asking again.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>

namespace treering {

// One for all connections to a server, so that a server that is gone for good costs its patience once, and not again
// for everything that is to be put in order afterwards. Thread-safe.
class Outage {
 public:
  // `while_waiting`: called before each wait by whoever waits, on its thread, with how long the server has been away;
  // where it throws, all patience is at its end. May be empty.
  explicit Outage(std::chrono::milliseconds patience, std::function<void(std::chrono::milliseconds)> while_waiting = {})
      : patience_(patience), while_waiting_(std::move(while_waiting)) {}

  void over() { since_ = 0; }

  using Moment = std::chrono::steady_clock::time_point;

  // After a command, tried since `since`, found the server away: waits a little. False where patience is at its end.
  // Throws what `while_waiting` throws.
  bool wait(Moment since);

 private:
  std::chrono::milliseconds patience_;
  std::function<void(std::chrono::milliseconds)> while_waiting_;
  std::atomic<bool> ended_{false};
  std::atomic<Moment::rep> since_{0};  // since the steady clock's start; 0: there is none
};

}  // namespace treering
