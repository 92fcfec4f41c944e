// SPDX-License-Identifier: Apache-2.0
// The journal while a run writes to it. A server makes each write durable on its own, which takes longer than a small
// revision: entries of revisions that went well wait for each other, since their records say the same until then.
#pragma once

#include <cstdint>
#include <vector>

#include "treering/engine/lease.h"
#include "treering/engine/port/clock.h"
#include "treering/engine/report.h"
#include "treering/engine/store.h"

namespace treering {

// Borrows all three. What writes throws Error(Kind::lease_lost) where the lease is somebody else's: they tell of us.
// What waits is lost with the process: settle.h writes it again from the records.
class Journal {
 public:
  Journal(Store& store, Lease& lease, Clock& clock) : store_(store), lease_(lease), clock_(clock) {}

  // An entry that may wait: up to a second, or for a hundred others.
  void add_done(const LogEntry& entry);
  // An entry that nothing else tells: written now, with all that waits.
  void add_now(const LogEntry& entry);
  void flush();

 private:
  Store& store_;
  Lease& lease_;
  Clock& clock_;
  std::vector<LogEntry> waiting_;
  std::int64_t first_waits_since_us_ = 0;
};

}  // namespace treering
