// SPDX-License-Identifier: Apache-2.0
#include "treering/base/amount.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace treering {

std::string counted(std::int64_t count, std::string_view singular) {
  if (count == 1) return fmt::format("1 {}", singular);
  const bool es = !singular.empty() && (singular.back() == 'x' || singular.back() == 's' || singular.back() == 'h');
  return fmt::format("{} {}{}", count, singular, es ? "es" : "s");
}

std::string size_text(std::int64_t bytes) {
  static constexpr std::array kUnits{"kB", "MB", "GB", "TB"};
  constexpr double kStep = 1000;
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes) / kStep;
  std::size_t unit = 0;
  for (; size >= kStep && unit + 1 < kUnits.size(); ++unit) size /= kStep;
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

}  // namespace treering
