// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/outage.h"

#include <algorithm>
#include <thread>

namespace treering {

bool Outage::wait(Moment since) {
  constexpr std::chrono::milliseconds kPause{100};
  const Moment now = Moment::clock::now();
  Moment::rep began = 0;
  if (since_.compare_exchange_strong(began, now.time_since_epoch().count())) began = now.time_since_epoch().count();
  if (now - std::min(since, Moment(Moment::duration(began))) + kPause > patience_) return false;
  std::this_thread::sleep_for(kPause);
  return true;
}

}  // namespace treering
