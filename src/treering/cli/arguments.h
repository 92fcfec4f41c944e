// SPDX-License-Identifier: Apache-2.0
// From the words of a command line to a command and its Options.
#pragma once

#include <string>
#include <vector>

#include "treering/cli/commands.h"

namespace treering {

struct ParsedArguments {
  const Command* command = nullptr;  // nullptr: none was given (then only --help or --version may be asked for)
  bool help_command = false;         // `help` or `help COMMAND`
  Options options;
};

// Global options may stand before or after the command; "-1" and "-3:current" are values, not options. `-c` before
// `current` is --config. Throws Error(Kind::usage): unknown command or option (nearest named), a missing value, too
// many words.
ParsedArguments parse_arguments(const std::vector<std::string>& arguments);

// Whether --json is among the words, for errors of the words themselves.
bool asks_for_json(const std::vector<std::string>& arguments);

}  // namespace treering
