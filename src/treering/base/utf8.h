// SPDX-License-Identifier: Apache-2.0
// UTF-8, one code point at a time. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace treering {

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  // bytes it took
  bool valid = false;    // false: `value` is U+FFFD and `size` is 1
};

// The code point that starts at `pos`. Overlong forms, surrogates and values past U+10FFFF are invalid. REQUIRES: pos <
// text.size().
CodePoint decode_utf8(std::string_view text, std::size_t pos);

// Appends a code point; a surrogate or a value past U+10FFFF becomes U+FFFD.
void append_utf8(std::string& text, char32_t value);

bool is_utf8(std::string_view text);

// The text with each invalid byte replaced by U+FFFD.
std::string repaired_utf8(std::string_view text);

}  // namespace treering
