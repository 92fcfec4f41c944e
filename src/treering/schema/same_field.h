// SPDX-License-Identifier: Apache-2.0
// Whether two documents agree in one field. Pure.
#pragma once

#include <string_view>

#include "treering/schema/schema.h"

namespace treering {

// Both have it with one value (numbers by value), or neither has it.
inline bool same_field(const Document& a, const Document& b, std::string_view name) {
  const auto left = a.find(name);
  const auto right = b.find(name);
  if (!left || !right) return left.has_value() == right.has_value();
  return same_value(*left, *right);
}

}  // namespace treering
