// SPDX-License-Identifier: Apache-2.0
// Choices that one seed repeats on every machine.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

namespace treering {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}

  // 0 .. limit - 1. REQUIRES: limit > 0.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(engine_() % limit); }
  bool percent(std::size_t share) { return below(100) < share; }
  template <class Item>
  Item one_of(std::initializer_list<Item> items) {
    return *(items.begin() + below(items.size()));
  }
  template <class Item>
  const Item& one_of(const std::vector<Item>& items) {
    return items[below(items.size())];
  }

 private:
  std::mt19937_64 engine_;  // the standard fixes its numbers, unlike those of its distributions
};

}  // namespace treering
