// SPDX-License-Identifier: Apache-2.0
// Holding the lease: taking it (and waiting for it), keeping it renewed, noticing when it is lost, giving it back.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "treering/engine/project.h"
#include "treering/engine/store.h"

namespace treering {

// From construction to `release` this runner is the only one that works on the database. Not copyable; for the thread
// of the verb.
class Lease {
 public:
  // Waits up to settings.lock_timeout for another runner. Throws Error(Kind::locked) naming the holder,
  // Error(Kind::interrupted).
  Lease(Project& project, Store& store);
  // If `release` didn't do it: frees the lease and leaves an open attempt for the next runner to settle. Errors are
  // swallowed (the lease then ends by the server's clock).
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  // The state as it was when the lease was taken.
  const State& state() const { return state_; }

  // Throws Error(Kind::lease_lost) where the lease may have run out (also while this process was stopped),
  // Error(Kind::interrupted) on a signal. Called before every change.
  void require();

  // As Store's, throwing Error(Kind::lease_lost) where the epoch is not ours any more.
  void advance(const AppliedState& applied, const std::optional<Attempt>& next);
  void release(const AppliedState& applied);

 private:
  void take(Store& store);
  void renew(Store& store);
  void keep(bool still_ours, std::int64_t asked_us);
  [[noreturn]] void lost();

  Project& project_;
  Store& store_;
  State state_;
  bool held_ = false;
  std::atomic<bool> lost_{false};
  std::atomic<std::int64_t> confirmed_us_{
      0};  // when we last asked for what the server then granted, by our own steady clock
  std::unique_ptr<Connection> renewing_connection_;
  std::unique_ptr<Clock::Repeating> renewing_;
};

}  // namespace treering
