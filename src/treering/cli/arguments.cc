// SPDX-License-Identifier: Apache-2.0
// The command is found first; then one flat CLI11 parser is built with the global options and those of that command
// only. So global options work on both sides, and a command pays for its own options alone.
#include "treering/cli/arguments.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cctype>
#include <utility>

#include "treering/base/error.h"
#include "treering/base/nearest.h"
#include "treering/cli/text.h"

namespace treering {
namespace {

// CLI11 takes every word that starts with a dash for an option. A word like "-1" is passed through it behind this mark.
constexpr char kMark = '\x01';

bool is_marked(std::string_view word) {
  return word.size() > 1 && word[0] == kMark && (word[1] == '-' || word[1] == kMark);
}

bool is_negative(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && std::isdigit(static_cast<unsigned char>(word[1])) != 0;
}

std::string marked(const std::string& word) { return kMark + word; }

std::string unmarked(std::string word) {
  if (is_marked(word)) word.erase(0, 1);
  return word;
}

std::vector<std::string> names_of(const OptionRow& row) {
  std::vector<std::string> names;
  for (std::string_view rest = row.names; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    names.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return names;
}

bool is_positional(const OptionRow& row) { return row.names.front() != '-'; }

const OptionRow* global_named(const std::string& name) {
  for (const OptionRow& row : global_options()) {
    const auto names = names_of(row);
    if (std::find(names.begin(), names.end(), name) != names.end()) return &row;
  }
  return nullptr;
}

// Words before the command and after it. Before it only global options may stand; `-c` becomes --config there.
struct Split {
  std::string command;
  std::vector<std::string> words;
};

// "--message=": CLI11 would take the next word for its value.
bool ends_in_empty_value(const std::string& word) {
  return word.size() > 3 && word.starts_with("--") && word.find('=') == word.size() - 1;
}

void add_with_empty_value(Split& split, const std::string& word) {
  split.words.push_back(word.substr(0, word.size() - 1));
  split.words.emplace_back();
}

Split split_command(const std::vector<std::string>& arguments) {
  Split split;
  std::size_t i = 0;
  for (; i < arguments.size() && split.command.empty(); ++i) {
    std::string word = arguments[i];
    if (word.empty()) throw Error(Kind::usage, "the command is an empty word", "treering --help lists the commands");
    if (word == "--") continue;
    if (ends_in_empty_value(word)) {
      add_with_empty_value(split, word);
      continue;
    }
    if (word[0] != '-') {
      split.command = word;
      continue;
    }
    if (word.rfind("-c", 0) == 0) word = word.size() == 2 ? "--config" : "--config=" + word.substr(2);
    const OptionRow* row = global_named(word);
    split.words.push_back(word);
    const bool takes_value = row != nullptr && !row->value.empty();
    if (takes_value && i + 1 < arguments.size()) split.words.push_back(arguments[++i]);
  }
  for (bool only_positionals = false; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const bool is_option = !only_positionals && word.size() > 1 && word[0] == '-' && !is_negative(word);
    if (is_option && word == "--") {
      only_positionals = true;
    } else if (is_option && ends_in_empty_value(word)) {
      add_with_empty_value(split, word);
    } else {
      const bool needs_mark = !is_option && !word.empty() && (word[0] == '-' || is_marked(word));
      split.words.push_back(needs_mark ? marked(word) : word);
    }
  }
  return split;
}

// Nothing is no value: who writes --script "$FILE" with FILE unset doesn't mean the same as without --script.
void require_value(const OptionRow& row, const std::string& given) {
  if (is_positional(row) || !given.empty()) return;
  throw Error(Kind::usage, fmt::format("{} is given without a value", names_of(row).back()),
              "give it one, or leave the option out; where a variable stands there, it is empty");
}

void add_row(CLI::App& app, Options& options, const OptionRow& row, const std::string& names) {
  if (const auto* flag = std::get_if<bool Options::*>(&row.field)) {
    app.add_flag(names, options.*(*flag))->disable_flag_override();
  } else if (const auto* text = std::get_if<std::string Options::*>(&row.field)) {
    std::string& value = options.*(*text);
    value = row.fallback;
    app.add_option_function<std::string>(names,
                                         [&value, &row](const std::string& given) {
                                           require_value(row, given);
                                           value = unmarked(given);
                                         })
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  } else {
    std::vector<std::string>& values = options.*std::get<std::vector<std::string> Options::*>(row.field);
    const auto take = [&values, &row](const std::vector<std::string>& given) {
      values.clear();
      for (const std::string& one : given) {
        require_value(row, one);
        values.push_back(unmarked(one));
      }
    };
    app.add_option_function<std::vector<std::string>>(names, take)->allow_extra_args(is_positional(row));
  }
}

void add_rows(CLI::App& app, Options& options, const Command* command) {
  std::vector<std::string> taken;
  if (command != nullptr) {
    for (const OptionRow& row : command->options) {
      add_row(app, options, row, std::string(row.names));
      for (const std::string& name : names_of(row)) taken.push_back(name);
    }
  }
  for (const OptionRow& row : global_options()) {
    std::vector<std::string> names = names_of(row);  // `current -c` is its own
    std::erase_if(names,
                  [&](const std::string& name) { return std::find(taken.begin(), taken.end(), name) != taken.end(); });
    add_row(app, options, row, joined(names, ","));
  }
}

std::vector<std::string> option_names(const Command* command) {
  std::vector<std::string> names;
  const auto add = [&](std::span<const OptionRow> rows) {
    for (const OptionRow& row : rows)
      for (const std::string& name : names_of(row))
        if (name.rfind("--", 0) == 0) names.push_back(name);
  };
  if (command != nullptr) add(command->options);
  add(global_options());
  return names;
}

std::string did_you_mean(const std::string& near, const std::string& otherwise) {
  return near.empty() ? otherwise : fmt::format("did you mean {}?", near);
}

Error unknown_command(const std::string& name) {
  std::vector<std::string> names{"help"};
  for (const Command& command : commands()) names.emplace_back(command.name);
  return {Kind::usage, fmt::format("there is no command {}", one_line(name)),
          did_you_mean(nearest(name, names), "treering --help lists the commands")};
}

Error unexpected_word(const std::string& word, const Command* command) {
  const std::string of = command == nullptr ? "treering" : "treering " + std::string(command->name);
  const std::string help = fmt::format("{} --help lists what it takes", of);
  if (word.empty() || word[0] != '-')
    return {Kind::usage, fmt::format("{} takes no further word: {}", of, one_line(unmarked(word))), help};
  const std::string name = word.substr(0, word.find('='));
  return {Kind::usage, fmt::format("{} has no option {}", of, one_line(name)),
          did_you_mean(nearest(name, option_names(command)), help)};
}

Error bad_option(const CLI::ParseError& error) {
  const std::string text = error.what();
  const std::string name = text.substr(0, std::min(text.find_first_of(": "), text.size()));
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) == nullptr) return {Kind::usage, one_line(text)};
  if (text.find("override") != std::string::npos)
    return {Kind::usage, fmt::format("--{} takes no value", one_line(name))};
  return {Kind::usage, fmt::format("{} needs a value", one_line(name))};
}

}  // namespace

ParsedArguments parse_arguments(const std::vector<std::string>& arguments) {
  Split split = split_command(arguments);
  ParsedArguments parsed;
  if (split.command == "help") {
    parsed.help_command = true;
    split.command.clear();
    for (std::string& word : split.words) {
      if (word.empty() || word[0] == '-') continue;
      split.command = std::exchange(word, "--help");
      break;
    }
  }
  if (!split.command.empty()) {
    parsed.command = find_command(split.command);
    if (parsed.command == nullptr) throw unknown_command(split.command);
  }
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  add_rows(app, parsed.options, parsed.command);
  std::reverse(split.words.begin(), split.words.end());  // as CLI11 wants them
  try {
    app.parse(std::move(split.words));
  } catch (const CLI::ParseError& error) {
    throw bad_option(error);
  }
  const std::vector<std::string> extras = app.remaining();
  if (!extras.empty()) throw unexpected_word(extras.front(), parsed.command);
  return parsed;
}

bool asks_for_json(const std::vector<std::string>& arguments) {
  const auto end = std::find(arguments.begin(), arguments.end(), "--");
  return std::find(arguments.begin(), end, "--json") != end;
}

}  // namespace treering
