// SPDX-License-Identifier: Apache-2.0
#include "treering/history/naming.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace treering {
namespace {

// Letters to insert, delete or replace, or swap with a neighbour, to get from one to the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> two_back;
  std::vector<std::size_t> previous(b.size() + 1);
  std::iota(previous.begin(), previous.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_back[j - 2] + 1);
    }
    two_back = std::exchange(previous, std::move(row));
  }
  return previous[b.size()];
}

}  // namespace

std::string listed(const std::vector<std::string>& items, std::size_t limit) {
  std::string text;
  for (std::size_t i = 0; i < std::min(items.size(), limit); ++i) text.append(i == 0 ? "" : ", ").append(items[i]);
  if (items.size() > limit) text += fmt::format(" and {} more", items.size() - limit);
  return text;
}

std::string nearest_hint(std::string_view wanted, const std::vector<std::string>& names, std::string_view advice) {
  wanted = wanted.substr(0, 100);
  const std::size_t farthest = std::max<std::size_t>(1, wanted.size() / 4);
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const std::string& name : names) {
    // Most names are out by their length alone.
    if (name.size() > wanted.size() + farthest || name.size() + farthest < wanted.size()) continue;
    const std::size_t distance = edit_distance(wanted, name);
    if (distance <= farthest) near.emplace_back(distance, name);
  }
  if (near.empty()) return std::string(advice);
  std::sort(near.begin(), near.end());
  std::string meant(near[0].second);
  for (std::size_t i = 1; i < std::min<std::size_t>(near.size(), 3); ++i) meant.append(" or ").append(near[i].second);
  return fmt::format("did you mean {}? {}", meant, advice);
}

}  // namespace treering
