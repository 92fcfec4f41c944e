// SPDX-License-Identifier: Apache-2.0
// Numbers of the command line. Each throws Error(Kind::usage) naming the option.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace treering {

std::chrono::milliseconds seconds_from(const std::string& option,
                                       const std::string& text);  // "60", "0.5"; not negative
std::optional<std::chrono::milliseconds> age_from(const std::string& option,
                                                  const std::string& text);  // "30d", "12h"; nothing for "all"
double rate_from(const std::string& option, const std::string& text);        // "500", "0.5"; above 0
std::size_t count_from(const std::string& option, const std::string& text);
std::int64_t workers_from(const std::string& option, const std::string& text);  // as many as a backfill may have

}  // namespace treering
