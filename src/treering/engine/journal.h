// SPDX-License-Identifier: Apache-2.0
// The journal while a run writes to it. A server makes each write durable on its own, which takes longer than a small
// revision: entries of revisions that went well wait for each other, since their records say the same until then.
#pragma once

#include <cstdint>
#include <vector>

#include "treering/engine/port/clock.h"
#include "treering/engine/report.h"
#include "treering/engine/store.h"

namespace treering {

// Borrows both. What waits is lost with the process: settle.h writes it again from the records.
class Journal {
 public:
  // `epoch`: of the lease that is held as long as this lives.
  Journal(Store& store, Clock& clock, std::int64_t epoch) : store_(store), clock_(clock), epoch_(epoch) {}

  // An entry that may wait: up to a second, or for a hundred others.
  void add_done(const LogEntry& entry);
  // An entry that nothing else tells: written now, with all that waits.
  void add_now(const LogEntry& entry);
  void flush();

 private:
  Store& store_;
  Clock& clock_;
  std::int64_t epoch_;
  std::vector<LogEntry> waiting_;
  std::int64_t first_waits_since_us_ = 0;
};

}  // namespace treering
