// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/left_in_place.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace treering {

std::vector<LogEntry> left_in_place(Store& store, const Applied& applied) {
  std::vector<LogEntry> result = store.read_log_of_left();
  std::erase_if(result, [&](const LogEntry& entry) {
    return applied.contains(entry.revision) == (entry.direction == to_string(Direction::upgrade));
  });
  return result;
}

std::string describe_left(const LogEntry& entry) {
  return fmt::format("the {} of {} {} and left in place: {}", entry.direction, entry.revision,
                     entry.outcome == "unknown" ? "was cut off" : "failed", fmt::join(entry.left, ", "));
}

}  // namespace treering
