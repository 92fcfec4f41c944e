// SPDX-License-Identifier: Apache-2.0
#include "treering/base/quote.h"

#include <gtest/gtest.h>

#include "treering/base/error.h"
#include "treering/base/utf8.h"

namespace treering {
namespace {

using namespace std::string_literals;

TEST(Quote, Python) {
  EXPECT_EQ(python_quoted("plain"), "'plain'");
  EXPECT_EQ(python_quoted("it's a \\ \"x\""), R"('it\'s a \\ "x"')");
  EXPECT_EQ(python_quoted("a\nb\tc\rd\0\x7f"s), R"('a\nb\tc\rd\x00\x7f')");
  EXPECT_EQ(python_quoted("é漢\U0001F600\u202e\u2028"), "'é漢\U0001F600\\u202e\\u2028'");
  EXPECT_THROW(python_quoted("\xff"), Error);
}

TEST(Quote, PythonInDoubleQuotes) {
  EXPECT_EQ(python_double_quoted("it's a \\ \"x\"\n"), R"("it's a \\ \"x\"\n")");
  EXPECT_THROW(python_double_quoted("\xff"), Error);
}

TEST(Quote, JavaScript) {
  EXPECT_EQ(javascript_quoted("it's a \\ \"x\"\n\0\x7f\u2028"s), R"("it's a \\ \"x\"\n\x00\x7f\u2028")");
  EXPECT_EQ(javascript_quoted("é漢\U0001F600"), "\"é漢\U0001F600\"");
  EXPECT_THROW(javascript_quoted("\xff"), Error);
}

TEST(Quote, PythonBytes) {
  const std::string bytes = "a'\\\"\n\0\x80\xff"s;
  EXPECT_EQ(python_bytes({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}),
            R"(b'a\'\\"\n\x00\x80\xff')");
  EXPECT_EQ(python_bytes({}), "b''");
}

TEST(Quote, CommentStaysOnItsLine) {
  EXPECT_EQ(comment_text("it's a \"b\" \\ é"), "it's a \"b\" \\ é");
  EXPECT_EQ(comment_text("a\nb\rc\u2028d\x0c\u0085"), R"(a\nb\rc\u2028d\x0c\x85)");
}

TEST(Quote, PythonDocstring) {
  EXPECT_EQ(python_docstring_text("a \"b\" c\n"), "a \"b\" c\n");
  EXPECT_EQ(python_docstring_text("\"\"\"\"x"), "\"\"\\\"\"x");
  EXPECT_EQ(python_docstring_text("x\""), "x\\\"");
  EXPECT_EQ(python_docstring_text("\\n\r"), "\\\\n\\r");
  EXPECT_THROW(python_docstring_text("\xc3("), Error);
}

TEST(Quote, Json) {
  EXPECT_EQ(json_quoted("a\"b\\c\n\x01/é"), "\"a\\\"b\\\\c\\n\\u0001/é\"");
  EXPECT_EQ(json_quoted("\xff"), "\"\uFFFD\"");
}

TEST(Utf8, RefusesWhatIsNoScalarValue) {
  for (const char* text :
       {"\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x9f\x98", "\xfe"})
    EXPECT_FALSE(is_utf8(text));
  for (const char* text : {"", "a", "\u0080", "\u0800", "\uffff", "\U0010FFFF"}) EXPECT_TRUE(is_utf8(text));
  EXPECT_EQ(repaired_utf8("a\xff\xe4\xb8"), "a\uFFFD\uFFFD\uFFFD");
}

}  // namespace
}  // namespace treering
