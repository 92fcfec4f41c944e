// SPDX-License-Identifier: Apache-2.0
// Edit distance with swapped neighbours counted as one slip (optimal string alignment): "upgarde" is one slip from
// "upgrade".
#include "treering/base/nearest.h"

#include <algorithm>
#include <cstddef>

namespace treering {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view typed, const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongest = 40;  // nobody slips on more
  if (typed.empty() || typed.size() > kLongest) return {};
  std::string best;
  std::size_t least = 1 + std::max<std::size_t>(1, typed.size() / 3);
  for (const std::string& candidate : candidates) {
    const bool begun = typed.size() >= 3 && candidate.rfind(typed, 0) == 0;  // "down" for "downgrade"
    const std::size_t away = begun ? 1 : distance(typed, candidate);
    if (away >= least) continue;
    least = away;
    best = candidate;
  }
  return best;
}

}  // namespace treering
