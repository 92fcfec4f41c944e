// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/journal.h"

namespace treering {

void Journal::add_done(const LogEntry& entry) {
  constexpr std::size_t kMost = 100;
  constexpr std::int64_t kLongestUs = 1000000;
  if (waiting_.empty()) first_waits_since_us_ = clock_.monotonic_us();
  waiting_.push_back(entry);
  if (waiting_.size() >= kMost || clock_.monotonic_us() - first_waits_since_us_ >= kLongestUs) flush();
}

void Journal::add_now(const LogEntry& entry) {
  waiting_.push_back(entry);
  flush();
}

void Journal::flush() {
  if (waiting_.empty()) return;
  lease_.require_held();
  store_.write_log(lease_.state().epoch, waiting_);
  waiting_.clear();
}

}  // namespace treering
