// SPDX-License-Identifier: Apache-2.0
// The table of commands: one row a command, with everything that parsing, help and running need to know of it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "treering/cli/options.h"

namespace treering {

struct Session;

using OptionField = std::variant<bool Options::*, std::string Options::*, std::vector<std::string> Options::*>;

enum class Presence { optional, required };

// An option ("-m,--message") or a positional ("TARGET", no dash). A vector takes the option several times, a positional
// vector the rest of the line.
struct OptionRow {
  std::string_view names;
  std::string_view value;  // what stands for the value in the help: "ID"; "" for a flag or a positional
  std::string_view help;
  OptionField field;
  std::string_view fallback = {};          // value where it isn't given; shown in the help
  Presence presence = Presence::optional;  // of a positional, as its usage line has it; the command itself refuses
};

struct Command {
  std::string_view name;
  std::string_view summary;
  std::string_view details;  // further lines of the help; may be empty
  std::span<const OptionRow> options;
  int (*run)(Session&);  // gives the exit code; throws Error
};

std::span<const Command> commands();
std::span<const OptionRow> global_options();
const Command* find_command(std::string_view name);  // nullptr where there is none

}  // namespace treering
