// SPDX-License-Identifier: Apache-2.0
// Text for a person at a terminal: harmless, cut to columns, with numbers in words. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace treering {

// Text from a file or a database that can't act on a terminal: control characters, escapes, characters that reorder or
// hide text and bytes that aren't UTF-8 become \n, \x1b, \u202e, ... . `one_line` also turns line ends and tabs into \n
// and \t, `many_lines` keeps them.
std::string one_line(std::string_view text);
std::string many_lines(std::string_view text);
// JSON with such characters inside its texts as \u escapes, which a reader of JSON takes for the same.
std::string harmless_json(std::string_view json);

// Columns that the text takes on a terminal: two for wide characters, none for combining ones. REQUIRES: text from
// one_line.
std::size_t display_width(std::string_view text);
// The text cut (with "…") or padded with spaces to exactly that many columns.
std::string in_columns(std::string_view text, std::size_t columns);
// Padded on the left; never cut.
std::string right_aligned(std::string_view text, std::size_t columns);

// Each line of the text with `indent` before it; blank lines stay empty. Ends without a line end.
std::string indented(std::string_view text, std::string_view indent);

std::string joined(const std::vector<std::string>& items, std::string_view between = ", ");
std::string duration_text(std::int64_t us);  // "0.4 ms", "31 ms", "1.2 s", "2 min 5 s"
std::string seconds_text(std::int64_t us);   // "0.1 s", "12.0 s", "2 min 5 s"

}  // namespace treering
