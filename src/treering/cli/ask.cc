// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/ask.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cctype>
#include <cstdio>

namespace treering {
namespace {

// A signal between the check and the wait doesn't end the wait: so it is short.
void wait_for_input(const std::function<void()>& check_interrupted) {
  constexpr int kGlanceMs = 50;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  do {
    if (check_interrupted) check_interrupted();
  } while (::poll(&input, 1, kGlanceMs) <= 0);
}

// False at the input's end.
bool read_one(char& c, const std::function<void()>& check_interrupted) {
  wait_for_input(check_interrupted);
  return ::read(STDIN_FILENO, &c, 1) == 1;
}

}  // namespace

Answer ask(const Output& output, const std::string& question, const std::function<void()>& check_interrupted) {
  if (output.json()) return Answer::not_asked;
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) return Answer::nobody_there;
  fmt::print(stderr, "{} [y/N] ", question);
  std::fflush(stderr);
  std::string line;
  char c = 0;
  while (read_one(c, check_interrupted) && c != '\n')
    if (std::isspace(static_cast<unsigned char>(c)) == 0)
      line += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (check_interrupted) check_interrupted();  // whoever pressed Ctrl-C and then answered has said to stop
  return line == "y" || line == "yes" ? Answer::yes : Answer::no;
}

std::string unanswered(Answer answer) {
  return answer == Answer::not_asked ? "--json asks no questions, and --force is not there" : "nobody is at a terminal";
}

}  // namespace treering
