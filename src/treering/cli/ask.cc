// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/ask.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cctype>
#include <cstdio>

namespace treering {

Answer ask(const std::string& question) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) return Answer::nobody_there;
  fmt::print(stderr, "{} [y/N] ", question);
  std::fflush(stderr);
  std::string line;
  char c = 0;
  while (::read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
    if (std::isspace(static_cast<unsigned char>(c)) == 0)
      line += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return line == "y" || line == "yes" ? Answer::yes : Answer::no;
}

}  // namespace treering
