// SPDX-License-Identifier: Apache-2.0
#include "treering/history/comparable_source.h"

#include "treering/history/python_source.h"

namespace treering {
namespace {

std::string with_plain_line_ends(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      result += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      result += '\n';
    }
  }
  return result;
}

}  // namespace

std::string comparable_source(std::string_view text) {
  const std::string plain = with_plain_line_ends(text);
  PythonSource source(plain);
  std::string result;
  std::string space;  // written once something follows it on its line
  bool line_is_blank = true;
  while (!source.is_end(source.position())) {
    const std::string_view token = source.take_token();
    if (token == " " || token == "\t" || token == "\f") {
      space += token;
    } else if (token == "\n") {
      if (!line_is_blank) result += '\n';
      line_is_blank = true;
      space.clear();
    } else if (token.front() != '#') {
      result += space;
      result += token;
      space.clear();
      line_is_blank = false;
    }
  }
  if (!line_is_blank) result += '\n';
  return result;
}

}  // namespace treering
