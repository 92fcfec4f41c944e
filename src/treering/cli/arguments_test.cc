// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treering/base/error.h"

namespace treering {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Options options_of(const std::vector<std::string>& words) { return parse_arguments(words).options; }

TEST(ParseArguments, GivesDefaultsOfTheTable) {
  EXPECT_EQ(options_of({"upgrade"}).target, "head");
  EXPECT_EQ(options_of({"downgrade"}).target, "-1");
  EXPECT_EQ(options_of({"log"}).limit, "20");
  EXPECT_EQ(options_of({"wait"}).timeout, "60");
  EXPECT_EQ(options_of({"upgrade"}).lock_timeout, "");
}

TEST(ParseArguments, TakesNegativeTargetsForValues) {
  EXPECT_EQ(options_of({"downgrade", "-1"}).target, "-1");
  EXPECT_EQ(options_of({"downgrade", "-12", "--json"}).target, "-12");
  EXPECT_EQ(options_of({"downgrade", "--", "-1"}).target, "-1");
  EXPECT_EQ(options_of({"--json", "downgrade", "-1"}).target, "-1");
  EXPECT_EQ(options_of({"show", "--", "--json"}).target, "--json");
  EXPECT_EQ(options_of({"upgrade", "+2"}).target, "+2");
  EXPECT_EQ(options_of({"history", "-r-3:current"}).range, "-3:current");
  EXPECT_EQ(options_of({"history", "-r", "-3:current"}).range, "-3:current");
  EXPECT_EQ(options_of({"history", "--rev-range=-3:"}).range, "-3:");
  EXPECT_THAT(options_of({"stamp", "-1", "a@head"}).targets, ElementsAre("-1", "a@head"));
}

TEST(ParseArguments, TakesGlobalOptionsOnBothSides) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"-q", "--env", "staging", "--url", "u", "upgrade", "+1"},
                                             {"upgrade", "+1", "--url=u", "--env=staging", "-q"},
                                             {"--env", "staging", "upgrade", "--url", "u", "-q", "+1"}}) {
    const ParsedArguments parsed = parse_arguments(words);
    EXPECT_EQ(parsed.command->name, "upgrade");
    EXPECT_EQ(parsed.options.environment, "staging");
    EXPECT_EQ(parsed.options.url, "u");
    EXPECT_EQ(parsed.options.target, "+1");
    EXPECT_TRUE(parsed.options.quiet);
  }
}

TEST(ParseArguments, KnowsWhichCIsMeant) {
  EXPECT_EQ(options_of({"-c", "x.toml", "current"}).config, "x.toml");
  EXPECT_EQ(options_of({"-cx.toml", "current"}).config, "x.toml");
  EXPECT_EQ(options_of({"upgrade", "-c", "x.toml"}).config, "x.toml");
  const Options current = options_of({"-c", "x.toml", "current", "-c"});
  EXPECT_TRUE(current.check_heads);
  EXPECT_EQ(current.config, "x.toml");
  EXPECT_TRUE(options_of({"current", "--check-heads", "--config", "x.toml"}).check_heads);
}

TEST(ParseArguments, LeavesMessagesAlone) {
  for (const std::string message : {"[WIP]", "{}", "-1", "--dash", "-- dashes", "a,b", "\"quoted\" \\ 'text'\n", "\x01",
                                    "+2", "-5 degrees", "true"}) {
    EXPECT_EQ(options_of({"revision", "-m", message}).message, message) << message;
    EXPECT_EQ(options_of({"revision", "--message=" + message}).message, message) << message;
  }
  EXPECT_EQ(options_of({"revision", "-m", std::string(10000, 'x')}).message.size(), 10000U);
}

TEST(ParseArguments, RefusesAnEmptyValueOfEveryOption) {
  for (const Command& command : commands()) {
    std::vector<OptionRow> rows(global_options().begin(), global_options().end());
    rows.insert(rows.end(), command.options.begin(), command.options.end());
    for (const OptionRow& row : rows) {
      if (row.value.empty()) continue;
      const std::string name(row.names.substr(row.names.rfind("--")));
      const std::string of(command.name);
      for (const auto& words : std::vector<std::vector<std::string>>{{of, name, ""}, {of, name + "=", "next"}}) {
        try {
          parse_arguments(words);
          ADD_FAILURE() << testing::PrintToString(words);
        } catch (const Error& error) {
          EXPECT_EQ(error.kind(), Kind::usage);
          EXPECT_EQ(std::string(error.what()), name + " is given without a value");
        }
      }
    }
  }
}

TEST(ParseArguments, RepeatsOptionsOneValueEach) {
  const Options options =
      options_of({"revision", "-m", "x", "--head", "a", "--head", "-1", "--depends-on", "b", "--branch-label", "[l]"});
  EXPECT_THAT(options.head, ElementsAre("a", "-1"));
  EXPECT_THAT(options.depends_on, ElementsAre("b"));
  EXPECT_THAT(options.branch_labels, ElementsAre("[l]"));
}

TEST(ParseArguments, KnowsHelp) {
  EXPECT_TRUE(options_of({"-h"}).help);
  EXPECT_TRUE(options_of({"upgrade", "--help"}).help);
  EXPECT_TRUE(parse_arguments({"help"}).help_command);
  EXPECT_EQ(parse_arguments({"help", "upgrade"}).command->name, "upgrade");
  EXPECT_EQ(parse_arguments({}).command, nullptr);
}

struct Bad {
  std::vector<std::string> words;
  std::string message;
  std::string hint;
};

void PrintTo(const Bad& bad, std::ostream* out) { *out << testing::PrintToString(bad.words); }

class BadArguments : public testing::TestWithParam<Bad> {};

TEST_P(BadArguments, AreOneSentenceAndAHint) {
  try {
    parse_arguments(GetParam().words);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::usage);
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
    EXPECT_THAT(error.hint(), HasSubstr(GetParam().hint));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BadArguments,
    testing::Values(
        Bad{{"upgarde"}, "there is no command upgarde", "did you mean upgrade?"},
        Bad{{"frobnicate"}, "there is no command frobnicate", "--help"},
        Bad{{"help", "histroy"}, "there is no command histroy", "history"},
        Bad{{"upgrade", "--lok-timeout", "5"}, "treering upgrade has no option --lok-timeout", "--lock-timeout"},
        Bad{{"--jsn", "current"}, "treering current has no option --jsn", "--json"},
        Bad{{"upgrade", "a", "b"}, "takes no further word: b", "upgrade --help"},
        Bad{{"downgrade", "-1", "-2"}, "takes no further word: -2", "downgrade --help"},
        Bad{{"revision", "-m"}, "--message needs a value", ""}, Bad{{"--config"}, "--config needs a value", ""},
        Bad{{"current", "--json=5"}, "--json takes no value", ""}, Bad{{"\x1b[2J"}, "\\x1b[2J", ""},
        Bad{{""}, "empty", ""}, Bad{{"--config=", "current", "--json"}, "--config is given without a value", "empty"},
        Bad{{"--url", "", "upgrade"}, "--url is given without a value", "empty"},
        Bad{{"-c", "", "current"}, "--config is given without a value", "empty"},
        Bad{{"revision", "-m", ""}, "--message is given without a value", "empty"}));

TEST(AsksForJson, LooksAtOptionsOnly) {
  EXPECT_TRUE(asks_for_json({"bogus", "--json"}));
  EXPECT_FALSE(asks_for_json({"show", "--", "--json"}));
}

}  // namespace
}  // namespace treering
