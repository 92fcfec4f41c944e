// SPDX-License-Identifier: Apache-2.0
// Texts made to break what they are put into: quotes and their escapes, line ends of every kind, terminal escapes,
// marks that reorder or hide text, ways out of a folder, and the syntax of what we write.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gen/chance.h"

namespace treering {

enum class Encoding { utf8, any_bytes };

inline std::string nasty_text(Chance& chance, Encoding encoding) {
  static const std::vector<std::string> kPieces{"a",
                                                "wallet",
                                                " ",
                                                "'",
                                                "\"",
                                                "\"\"\"",
                                                "'''",
                                                "\\",
                                                "\\\"",
                                                "\\x41",
                                                "\\N{DASH}",
                                                "\n",
                                                "\r\n",
                                                "\r",
                                                "\t",
                                                std::string(1, '\0'),
                                                "\x0b\x0c",
                                                "\x7f",
                                                "\x1b[2J",
                                                "\x1b[31m",
                                                "\x1b]0;title\x07",
                                                "\x1b]8;;http://x\x1b\\",
                                                "\x1bP",
                                                "\xc2\x9b"
                                                "31m",
                                                "\xc2\x85",
                                                "\xc2\xa0",
                                                "\xc2\xad",
                                                "\xe2\x80\xa8",
                                                "\xe2\x80\xa9",
                                                "\xe2\x80\xae",
                                                "\xe2\x80\x8f",
                                                "\xe2\x81\xa6",
                                                "\xef\xbb\xbf",
                                                "\xf3\xa0\x81\x81",
                                                "../",
                                                "/etc/x",
                                                "..",
                                                "C:\\",
                                                "|",
                                                "`id`",
                                                "$(id)",
                                                "${HOME}",
                                                "%s",
                                                "{}",
                                                "{0}",
                                                "#",
                                                "//",
                                                "/*",
                                                "*/",
                                                "<!--",
                                                "</script>",
                                                "; import os",
                                                ");",
                                                "]",
                                                "revision = 'evil'\n",
                                                "def upgrade(env):",
                                                "\n[env.evil]\nurl = \"x\"",
                                                "__proto__",
                                                "\xc3\xa9",
                                                "\xe9\x92\xb1",
                                                "\xf0\x9f\x94\xa8"};
  static const std::vector<std::string> kBroken{"\xff",         "\xc0\xaf",         "\xe2\x82",
                                                "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x9b"};
  std::string text;
  for (std::size_t left = chance.below(9); left > 0; --left)
    text += encoding == Encoding::any_bytes && chance.percent(15) ? chance.one_of(kBroken) : chance.one_of(kPieces);
  return text;
}

// What acts on a terminal, or changes what a reader sees: never to be found in output. `kept` are controls that may
// stand there.
inline bool acts_on_a_terminal(std::string_view text, std::string_view kept) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 || byte == 0x7F) && kept.find(text[i]) == std::string_view::npos) return true;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;  // C1
  }
  for (const std::string_view mark : {"\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa",
                                      "\xe2\x80\xab", "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9"})
    if (text.find(mark) != std::string_view::npos) return true;
  return false;
}

}  // namespace treering
