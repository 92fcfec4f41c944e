// SPDX-License-Identifier: Apache-2.0
// Text of nested brackets, which is what Python's values and JSON are: on one line where it fits, else one item a line.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace treering {

// `text` alone, or `text` (which ends in the opening bracket), the items, and `close`.
struct Brackets {
  enum class Shape { fitting, broken };  // `broken`: one item a line even where one line would do

  std::string text;
  std::vector<Brackets> items;
  std::string close;
  Shape shape = Shape::fitting;
};

struct BracketLayout {
  int indent = 0;                                                              // of the line it stands on
  int column = 0;                                                              // where it starts
  int columns = 120;                                                           // the longest line
  int step = 4;                                                                // what each level is indented by
  enum class LastComma { written, left_out } last_comma = LastComma::written;  // after the last of several lines
};

std::string on_one_line(const Brackets& brackets);
std::string laid_out(const Brackets& brackets, const BracketLayout& layout);

}  // namespace treering
