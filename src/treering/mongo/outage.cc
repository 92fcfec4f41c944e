// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/outage.h"

#include <algorithm>
#include <thread>

namespace treering {

bool Outage::wait(Moment since) {
  constexpr std::chrono::milliseconds kPause{100};
  if (ended_) return false;
  const Moment now = Moment::clock::now();
  Moment::rep began = 0;
  if (since_.compare_exchange_strong(began, now.time_since_epoch().count())) began = now.time_since_epoch().count();
  const Moment away_since(Moment::duration{began});
  if (now - std::min(since, away_since) + kPause > patience_) return false;
  try {
    if (while_waiting_) while_waiting_(std::chrono::duration_cast<std::chrono::milliseconds>(now - away_since));
  } catch (...) {
    ended_ = true;
    throw;
  }
  std::this_thread::sleep_for(kPause);
  return true;
}

}  // namespace treering
