// SPDX-License-Identifier: Apache-2.0
// How errors speak of revisions: lists that stay short, and what was perhaps meant.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace treering {

// "a, b, c and 4 more"
std::string listed(const std::vector<std::string>& items, std::size_t limit = 10);

// "did you mean a or b? " and then `advice`; only `advice` where nothing is near enough.
std::string nearest_hint(std::string_view wanted, const std::vector<std::string>& names, std::string_view advice);

}  // namespace treering
