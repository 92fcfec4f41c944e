// SPDX-License-Identifier: Apache-2.0
// "Did you mean ...?"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace treering {

// The candidate that `typed` is most likely a slip of, or "" where none is near. Ties: the first.
std::string nearest(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace treering
