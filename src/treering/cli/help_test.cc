// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace treering {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string help_of(const char* command) { return help_text("treering", *find_command(command)); }

TEST(Help, PutsInBracketsWhatMayBeLeftOut) {
  for (const auto& [command, words] : std::vector<std::pair<const char*, const char*>>{{"show", " TARGET"},
                                                                                       {"edit", " TARGET"},
                                                                                       {"diff", " A B"},
                                                                                       {"stamp", " TARGETS ..."},
                                                                                       {"upgrade", " [TARGET]"},
                                                                                       {"merge", " [REVS ...]"},
                                                                                       {"trash", " [ACTION ...]"},
                                                                                       {"current", ""}})
    EXPECT_THAT(help_of(command), StartsWith(std::string("Usage: treering ") + command + " [OPTIONS]" + words + "\n"));
}

TEST(Help, NamesAnOptionOnce) {
  EXPECT_THAT(help_of("current"), AllOf(HasSubstr("  -c, --check-heads "), HasSubstr("      --config FILE "),
                                        Not(HasSubstr("-c, --config"))));
  EXPECT_THAT(help_of("heads"), HasSubstr("  -c, --config FILE "));
}

TEST(Help, SaysWhatTheDocumentationSays) {
  for (const char* command : {"upgrade", "downgrade"}) EXPECT_THAT(help_of(command), HasSubstr("a range: base:head"));
  EXPECT_THAT(help_of("trash"), HasSubstr("list, restore NAME, or empty"));
  for (const std::string& text : {help_text("treering"), help_of("heads")})
    EXPECT_THAT(text, HasSubstr("129, 130 and 143 stopped by a signal"));
}

}  // namespace
}  // namespace treering
