// SPDX-License-Identifier: Apache-2.0
// Dates and the ids made of them: calendar arithmetic on a given instant, no clock.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <unordered_set>

#include "treering/base/error.h"
#include "treering/history/revision_file.h"

namespace treering {
namespace {

using std::chrono::sys_seconds;

// The instants whose year has four digits.
constexpr sys_seconds kFirst = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr sys_seconds kLast = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31) + std::chrono::seconds(86'399);

sys_seconds second_of(std::int64_t ms) {
  const auto second = std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(ms)));
  return std::clamp(second, kFirst, kLast);
}

struct Parts {
  int year;
  unsigned month, day;
  long hour, minute, second;
};

Parts parts_of(sys_seconds instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(instant - day);
  return {int(date.year()),     unsigned(date.month()), unsigned(date.day()),
          time.hours().count(), time.minutes().count(), static_cast<long>(time.seconds().count())};
}

std::string id_of(sys_seconds instant) {
  const Parts p = parts_of(instant);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

}  // namespace

std::string date_text(std::int64_t ms) {
  const Parts p = parts_of(second_of(ms));
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

std::string timestamp_id(std::int64_t ms) { return id_of(second_of(ms)); }

std::string free_timestamp_id(std::int64_t ms, const std::vector<std::string>& taken) {
  const std::unordered_set<std::string> ids(taken.begin(), taken.end());
  for (sys_seconds instant = second_of(ms); instant <= kLast; instant += std::chrono::seconds(1)) {
    std::string id = id_of(instant);
    if (!ids.contains(id)) return id;
  }
  throw Error(Kind::revision, "no free revision id is left before the year 10000", "give the id with --rev-id");
}

}  // namespace treering
