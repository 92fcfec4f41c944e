// SPDX-License-Identifier: Apache-2.0
// What of a Python file its code depends on. Pure.
#pragma once

#include <string>
#include <string_view>

namespace treering {

// The text without comments, blank lines and white space at the ends of lines, and with "\n" for every line end: two
// files that give the same do the same. Strings, docstrings too, stay as they are. Any bytes may come in.
std::string comparable_source(std::string_view text);

}  // namespace treering
