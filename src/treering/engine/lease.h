// SPDX-License-Identifier: Apache-2.0
// Holding the lease: taking it (and waiting for it), keeping it renewed, noticing when it is lost, giving it back.
#pragma once

#include <atomic>
#include <functional>
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
  // `connection`: the store's, for its sessions. Where a runner before us left the lease behind, the server is told to
  // refuse what still comes from that one, before anything else.
  Lease(Project& project, Store& store, Connection& connection);
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
  // The same, whatever signals say: for putting things in order.
  void require_held();

  // As Store's, throwing Error(Kind::lease_lost) where the epoch is not ours any more.
  void advance(const AppliedState& applied, const std::optional<Attempt>& next,
               const std::vector<Document>& sessions = {});
  void add_sessions(const std::vector<Document>& sessions);
  void write_down(const Document& fields, const std::optional<JournalChunk>& moved = {});
  // That operation of the open attempt, and those after it, are undone, but for those that `left` tells.
  void strike_out(std::int64_t number, const std::vector<std::string>& left);
  void release(const AppliedState& applied);

 private:
  void take(Store& store, const std::vector<Document>& sessions);
  void fence_former(const std::vector<Document>& ours);
  // Calls a change of the state; throws where it says that the lease is somebody else's.
  void require_ours(const std::function<bool()>& change);
  void renew(Store& store);
  void keep(bool still_ours, std::int64_t asked_us);
  void note_lost();
  [[noreturn]] void lost();

  Project& project_;
  Store& store_;
  State state_;
  bool held_ = false;
  std::atomic<bool> lost_{false};
  std::atomic<bool> taken_{false};  // lost before its time was over
  std::atomic<std::int64_t> confirmed_us_{
      0};  // when we last asked for what the server then granted, by our own steady clock
  std::unique_ptr<Connection> renewing_connection_;
  std::unique_ptr<Clock::Repeating> renewing_;
};

}  // namespace treering
