// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/text.h"

#include <gtest/gtest.h>

namespace treering {
namespace {

TEST(OneLine, KeepsWhatIsHarmlessInAnyScript) {
  EXPECT_EQ(one_line("add café, кошелёк, 钱包 🔨"), "add café, кошелёк, 钱包 🔨");
  EXPECT_EQ(one_line(""), "");
}

TEST(OneLine, EscapesWhatActsOnATerminal) {
  EXPECT_EQ(one_line("a\x1b[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(one_line("a\nb\rc\td"), "a\\nb\\rc\\td");
  EXPECT_EQ(one_line("\x7f\xc2\x9b"), "\\x7f\\x9b");   // DEL, and CSI as one C1 character
  EXPECT_EQ(one_line("x\xe2\x80\xaey"), "x\\u202ey");  // right-to-left override
  EXPECT_EQ(one_line(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(OneLine, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(one_line("a\xff"
                     "b"),
            "a\\xffb");
  EXPECT_EQ(one_line("\xc0\xaf"), "\\xc0\\xaf");  // overlong slash
  EXPECT_EQ(one_line("\xe2\x82"), "\\xe2\\x82");  // ends too early
}

TEST(ManyLines, KeepsLineEndsAndTabsOnly) { EXPECT_EQ(many_lines("a\n\tb\x1b[0m"), "a\n\tb\\x1b[0m"); }

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("钱包"), 4U);
  EXPECT_EQ(display_width("e\xcc\x81"), 1U);  // e and a combining acute
  EXPECT_EQ(display_width("🔨"), 2U);
}

TEST(InColumns, PadsAndCutsToExactlyThatWidth) {
  EXPECT_EQ(in_columns("abc", 5), "abc  ");
  EXPECT_EQ(in_columns("abcdef", 6), "abcdef");
  EXPECT_EQ(in_columns("abcdefg", 6), "abcde…");
  EXPECT_EQ(in_columns("钱包钱包", 6), "钱包… ");  // a wide character doesn't fit into one column
  for (std::size_t columns = 0; columns < 12; ++columns)
    EXPECT_EQ(display_width(in_columns("a钱b包é🔨c", columns)), columns) << columns;
}

TEST(Indented, LeavesBlankLinesEmpty) {
  EXPECT_EQ(indented("a\n\nb\n", "  "), "  a\n\n  b");
  EXPECT_EQ(indented("", "  "), "");
}

TEST(DurationText, TakesTheFittingUnit) {
  EXPECT_EQ(duration_text(400), "0.4 ms");
  EXPECT_EQ(duration_text(999), "1 ms");
  EXPECT_EQ(duration_text(31'400), "31 ms");
  EXPECT_EQ(duration_text(999'600), "1.0 s");
  EXPECT_EQ(duration_text(1'240'000), "1.2 s");
  EXPECT_EQ(duration_text(59'960'000), "1 min 0 s");
  EXPECT_EQ(duration_text(125'000'000), "2 min 5 s");
}

}  // namespace
}  // namespace treering
