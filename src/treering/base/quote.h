// SPDX-License-Identifier: Apache-2.0
// String literals of the languages that we write. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace treering {

// Controls, separators of lines, what reorders or hides text, the byte order mark: what a reader would not see.
bool is_hidden(char32_t c);

// 'text' as Python source in single quotes, on one line. Printable characters of any script stay as they are; control
// characters and those that reorder or hide text are escaped. Throws Error(Kind::usage) where the text isn't UTF-8.
std::string python_quoted(std::string_view text);

// "text" as Python source in double quotes; else as python_quoted.
std::string python_double_quoted(std::string_view text);

// "text" as JavaScript source in double quotes; else as python_quoted. Both languages read these escapes alike.
std::string javascript_quoted(std::string_view text);

// b'bytes' as Python source.
std::string python_bytes(std::span<const std::uint8_t> bytes);

// For a comment: on one line, with what python_quoted would escape because nobody would see it escaped. Throws
// Error(Kind::usage) where the text isn't UTF-8.
std::string comment_text(std::string_view text);

// The inside of a Python """literal""": line feeds and tabs stay, and so do quotes where three in a row or a last one
// don't force an escape. Throws Error(Kind::usage) where the text isn't UTF-8.
std::string python_docstring_text(std::string_view text);

// "text" as JSON, on one line. Never fails: bytes that aren't UTF-8 become U+FFFD.
std::string json_quoted(std::string_view text);

}  // namespace treering
