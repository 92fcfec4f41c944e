// SPDX-License-Identifier: Apache-2.0
#include "treering/history/comparable_source.h"

#include <gtest/gtest.h>

namespace treering {
namespace {

TEST(ComparableSource, LeavesOutCommentsAndBlankLines) {
  EXPECT_EQ(comparable_source("# head\n\nx = 1  # one\n   \n\ty = 2\t\n"), "x = 1\n\ty = 2\n");
  EXPECT_EQ(comparable_source("f(a,  # why\n\n  b)"), "f(a,\n  b)\n");
}

TEST(ComparableSource, KeepsWhatStringsHold) {
  const std::string text = "x = '# no comment'\ny = \"\"\"a\n\n  # b\n\"\"\"\n";
  EXPECT_EQ(comparable_source(text), text);
  EXPECT_EQ(comparable_source("x = 'it\\'s # one'  # two\n"), "x = 'it\\'s # one'\n");
}

TEST(ComparableSource, LineEndsAreAllOne) {
  EXPECT_EQ(comparable_source("x = 1\r\n\r\ny = '''a\r\nb'''\r"), comparable_source("x = 1\ny = '''a\nb'''\n"));
}

TEST(ComparableSource, IndentationAndOrderCount) {
  EXPECT_NE(comparable_source("if a:\n  b\n  c\n"), comparable_source("if a:\n  b\nc\n"));
  EXPECT_NE(comparable_source("a\nb\n"), comparable_source("b\na\n"));
}

TEST(ComparableSource, AnyBytesComeToAnEnd) {
  for (const char* text : {"", "'", "\"\"\"open", "(((", "\\", "\\\n", "#", "\xff\xfe", "x = '\\"})
    comparable_source(text);
  EXPECT_EQ(comparable_source("\xEF\xBB\xBFx\n"), "x\n");
}

}  // namespace
}  // namespace treering
