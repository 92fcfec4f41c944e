// SPDX-License-Identifier: Apache-2.0
// What a Python string literal stands for.
#pragma once

#include <string>
#include <string_view>

namespace treering {

enum class Escapes { decoded, raw };
enum class BadEscape { refused, kept };

// The value of a literal's body, as UTF-8. Line ends become "\n"; bytes that aren't UTF-8 and lone surrogates become
// U+FFFD. An escape that Python refuses (too few digits), and \N{...}, which would take Unicode's table of names, is
// kept as written or throws SourceError with `pos` inside the body.
std::string decode_python_string(std::string_view body, Escapes escapes, BadEscape bad);

}  // namespace treering
