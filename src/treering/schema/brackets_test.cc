// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/brackets.h"

#include <gtest/gtest.h>

namespace treering {
namespace {

Brackets atom(const char* text) {
  Brackets result;
  result.text = text;
  return result;
}

Brackets list(std::vector<Brackets> items) { return {"[", std::move(items), "]", Brackets::Shape::fitting}; }

BracketLayout columns(int count) {
  BracketLayout layout;
  layout.columns = count;
  return layout;
}

TEST(Brackets, StayOnOneLineAsLongAsACommaFitsBehind) {
  const Brackets brackets = list({atom("12"), list({atom("3")}), list({})});
  EXPECT_EQ(on_one_line(brackets), "[12, [3], []]");
  EXPECT_EQ(laid_out(brackets, columns(14)), "[12, [3], []]");
  EXPECT_EQ(laid_out(brackets, columns(13)), "[\n    12,\n    [3],\n    [],\n]");
}

TEST(Brackets, BreakOnlyWhereTheyMust) {
  const Brackets brackets = list({list({atom("1111"), atom("2222")}), list({atom("3")})});
  EXPECT_EQ(laid_out(brackets, columns(16)), "[\n    [\n        1111,\n        2222,\n    ],\n    [3],\n]");
}

TEST(Brackets, CountCharactersNotBytes) {
  EXPECT_EQ(laid_out(list({atom("'äöü'")}), columns(8)), "['äöü']");
  EXPECT_EQ(laid_out(list({atom("'äöü'")}), columns(7)), "[\n    'äöü',\n]");
}

TEST(Brackets, BreakWhereAskedTo) {
  Brackets brackets = list({atom("1"), atom("2")});
  brackets.shape = Brackets::Shape::broken;
  BracketLayout layout = columns(80);
  layout.step = 2;
  layout.indent = 2;
  layout.last_comma = BracketLayout::LastComma::left_out;
  EXPECT_EQ(laid_out(brackets, layout), "[\n    1,\n    2\n  ]");
  EXPECT_EQ(laid_out(list({brackets}), layout), "[\n    [\n      1,\n      2\n    ]\n  ]");
  brackets.items.clear();
  EXPECT_EQ(laid_out(brackets, layout), "[]");
}

}  // namespace
}  // namespace treering
