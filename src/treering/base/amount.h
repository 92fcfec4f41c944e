// SPDX-License-Identifier: Apache-2.0
// How many and how much, in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace treering {

std::string counted(std::int64_t count, std::string_view singular);  // "1 index", "2 indexes", "50 documents"
std::string size_text(std::int64_t bytes);                           // "0 B", "12.3 kB", "4.0 GB"

}  // namespace treering
