// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "treering/cli/text.h"

namespace treering {
namespace {

constexpr std::string_view kExitCodes =
    "Exit codes: 0 done, 1 a migration failed, 2 wrong usage or configuration, 3 the lock is held,\n"
    "4 something is pending or differs, 5 the server can't be reached, 129, 130 and 143 stopped by a signal.";

bool is_positional(const OptionRow& row) { return row.names.front() != '-'; }
bool is_many(const OptionRow& row) { return std::holds_alternative<std::vector<std::string> Options::*>(row.field); }

// The names that nothing of the command's own has: `current -c` is --check-heads.
std::string free_names(const OptionRow& row, std::span<const OptionRow> own) {
  const std::size_t comma = row.names.find(',');
  const std::string_view first = row.names.substr(0, comma);
  const bool taken = comma != std::string_view::npos && std::ranges::any_of(own, [&](const OptionRow& other) {
                       return other.names == first || other.names.starts_with(std::string(first) + ",");
                     });
  return std::string(taken ? row.names.substr(comma + 1) : row.names);
}

std::string left_side(const OptionRow& row, std::span<const OptionRow> own) {
  std::string names = free_names(row, own);
  const std::size_t comma = names.find(',');
  if (comma != std::string::npos) names.insert(comma + 1, " ");
  if (!is_positional(row) && names.rfind("--", 0) == 0) names.insert(0, "    ");
  return row.value.empty() ? names : fmt::format("{} {}", names, row.value);
}

// `own`: the command's, where the rows are those of every command.
std::string option_lines(std::span<const OptionRow> rows, std::span<const OptionRow> own = {}) {
  std::string text;
  for (const OptionRow& row : rows) {
    const std::string fallback = row.fallback.empty() ? "" : fmt::format(" (default: {})", row.fallback);
    text += fmt::format("  {}  {}{}\n", in_columns(left_side(row, own), 28), row.help, fallback);
  }
  return text;
}

}  // namespace

std::string help_text(const std::string& program) {
  std::string text =
      fmt::format("Schema and data migration for MongoDB.\n\nUsage: {} [OPTIONS] COMMAND ...\n\nCommands:\n", program);
  for (const Command& command : commands()) text += fmt::format("  {:<16}{}\n", command.name, command.summary);
  text += fmt::format("\nOptions of every command:\n{}", option_lines(global_options()));
  text += fmt::format("\n{} COMMAND --help says more about one.\n{}", program, kExitCodes);
  return text;
}

std::string help_text(const std::string& program, const Command& command) {
  std::string usage = fmt::format("Usage: {} {} [OPTIONS]", program, command.name);
  for (const OptionRow& row : command.options) {
    if (!is_positional(row)) continue;
    const std::string words = fmt::format("{}{}", row.names, is_many(row) ? " ..." : "");
    usage += row.presence == Presence::required ? " " + words : fmt::format(" [{}]", words);
  }
  std::string text = fmt::format("{}\n\n{}\n", usage, command.summary);
  if (!command.options.empty()) text += "\n" + option_lines(command.options);
  if (!command.details.empty()) text += fmt::format("\n{}\n", command.details);
  text +=
      fmt::format("\nOptions of every command:\n{}\n{}", option_lines(global_options(), command.options), kExitCodes);
  return text;
}

}  // namespace treering
