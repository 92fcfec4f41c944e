// SPDX-License-Identifier: Apache-2.0
#include "treering/history/target.h"

#include <fmt/format.h>

#include <charconv>

#include "treering/base/quote.h"
#include "treering/history/target_walk.h"

namespace treering {
namespace {

constexpr std::string_view kGrammar = "say head, heads, base, current, a revision, REV+N, REV-N, +N, -N or label@head";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Cuts "+12" or "-3" off the end of the text.
std::optional<long> take_steps(Target& target, std::string_view& text) {
  std::size_t digits = text.size();
  while (digits > 0 && is_digit(text[digits - 1])) --digits;
  if (digits == text.size() || digits == 0 || (text[digits - 1] != '+' && text[digits - 1] != '-')) return std::nullopt;
  long steps = 0;
  const auto [end, failure] = std::from_chars(text.data() + digits, text.data() + text.size(), steps);
  if (failure != std::errc() || steps > 1'000'000'000)
    throw target_error(target, fmt::format("the number of steps in '{}' is too large", target.text), "");
  if (text[digits - 1] == '-') steps = -steps;
  text = text.substr(0, digits - 1);
  return steps;
}

void require_name(const Target& target, std::string_view name) {
  const bool sound = name.find_first_of("@+-:") == std::string_view::npos &&
                     name.find_first_of(std::string_view(" \t\r\n\f\v\0", 7)) == std::string_view::npos;
  if (!sound)
    throw target_error(target, fmt::format("{} is not a target", json_quoted(target.text)), std::string(kGrammar));
}

}  // namespace

Target parse_target(std::string_view text) {
  Target target;
  target.text = text;
  if (text.find(':') != std::string_view::npos)
    throw target_error(target, fmt::format("Range revision not allowed: {}", json_quoted(text)),
                       "name one revision; history takes a range, and so does --script");
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    target.label = text.substr(0, at);
    text.remove_prefix(at + 1);
    if (target.label.empty())
      throw target_error(target, fmt::format("{} has no label before its '@'", json_quoted(target.text)),
                         std::string(kGrammar));
  }
  target.steps = take_steps(target, text);
  target.symbol = text;
  require_name(target, target.label);
  require_name(target, target.symbol);
  if (target.symbol.empty() && !target.steps)
    throw target_error(target,
                       target.text.empty() ? "the target is empty"
                                           : fmt::format("{} says no revision after its '@'", json_quoted(target.text)),
                       std::string(kGrammar));
  return target;
}

}  // namespace treering
