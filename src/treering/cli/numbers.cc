// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/numbers.h"

#include <fmt/format.h>

#include <charconv>

#include "treering/base/error.h"
#include "treering/cli/text.h"
#include "treering/engine/backfill.h"

namespace treering {
namespace {

Error wrong_value(const std::string& option, const char* what, const std::string& text) {
  return {Kind::usage, fmt::format("{} takes {}, not {}", option, what, text.empty() ? "nothing" : one_line(text))};
}

// Nothing where the digits are no such number.
template <typename Number>
std::optional<Number> number_in(std::string_view digits) {
  Number number{};
  const char* end = std::to_address(digits.end());
  const auto [stop, error] = std::from_chars(std::to_address(digits.begin()), end, number);
  if (error != std::errc() || stop != end || digits.empty()) return std::nullopt;
  return number;
}

template <typename Number>
Number number_from(const std::string& option, const std::string& text, const char* what) {
  const auto number = number_in<Number>(text);
  if (!number) throw wrong_value(option, what, text);
  return *number;
}

}  // namespace

std::chrono::milliseconds seconds_from(const std::string& option, const std::string& text) {
  constexpr const char* kWhat = "a number of seconds";
  constexpr double kMost = 1e9;
  const auto seconds = number_from<double>(option, text, kWhat);
  if (!(seconds >= 0 && seconds <= kMost)) throw wrong_value(option, kWhat, text);
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

std::optional<std::chrono::milliseconds> age_from(const std::string& option, const std::string& text) {
  if (text == "all") return std::nullopt;
  constexpr const char* kWhat = "whole days or hours (30d, 12h), or all";
  constexpr std::int64_t kMost = 1000000;
  const char unit = text.empty() ? '\0' : text.back();
  std::optional<std::uint32_t> number;
  if (unit == 'd' || unit == 'h') number = number_in<std::uint32_t>(std::string_view(text).substr(0, text.size() - 1));
  if (!number || *number > kMost) throw wrong_value(option, kWhat, text);
  return unit == 'd' ? std::chrono::hours(24) * *number : std::chrono::hours(*number);
}

double rate_from(const std::string& option, const std::string& text) {
  constexpr const char* kWhat = "a number of documents a second";
  const auto rate = number_from<double>(option, text, kWhat);
  if (!(rate > 0)) throw wrong_value(option, kWhat, text);
  return rate;
}

std::size_t count_from(const std::string& option, const std::string& text) {
  return number_from<std::size_t>(option, text, "a whole number");
}

std::int64_t workers_from(const std::string& option, const std::string& text) {
  const std::string what = fmt::format("a whole number from 1 to {}", kMostWorkers);
  const auto workers = number_from<std::int64_t>(option, text, what.c_str());
  if (!can_be_workers(workers)) throw wrong_value(option, what.c_str(), text);
  return workers;
}

}  // namespace treering
