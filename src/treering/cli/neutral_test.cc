// SPDX-License-Identifier: Apache-2.0
// Laws of what goes out: whatever a file or a server says, nothing of it acts on a terminal, and JSON stays the same
// JSON.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "gen/nasty_text.h"
#include "treering/base/utf8.h"
#include "treering/cli/output.h"
#include "treering/cli/progress_text.h"
#include "treering/cli/revision_lines.h"
#include "treering/cli/run_text.h"
#include "treering/cli/text.h"

namespace treering {
namespace {

constexpr std::uint64_t kSeeds = 3000;

template <class Law>
void for_nasty_texts(Law law) {
  for (std::uint64_t seed = 0; seed < kSeeds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chance chance(seed);
    law(nasty_text(chance, Encoding::any_bytes));
  }
}

TEST(NeutralLaw, OneLineIsOneHarmlessLine) {
  for_nasty_texts([](const std::string& text) {
    EXPECT_FALSE(acts_on_a_terminal(one_line(text), ""));
    EXPECT_TRUE(is_utf8(one_line(text)));
    EXPECT_EQ(one_line(one_line(text)), one_line(text));
    EXPECT_FALSE(acts_on_a_terminal(many_lines(text), "\n\t"));
  });
}

TEST(NeutralLaw, JsonSaysTheSameAndActsOnNothing) {
  for_nasty_texts([](const std::string& text) {
    const nlohmann::ordered_json value{{"text", text}, {text.empty() ? "key" : repaired_utf8(text), 1}};
    const std::string plain = value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    const std::string harmless = harmless_json(plain);
    EXPECT_FALSE(acts_on_a_terminal(harmless, "\n"));
    EXPECT_EQ(nlohmann::ordered_json::parse(harmless), nlohmann::ordered_json::parse(plain));
  });
}

TEST(NeutralLaw, NoLineOfTheReportsActs) {
  for_nasty_texts([](const std::string& text) {
    StepReport step;
    step.revision = step.message = text;
    step.schema = {"create collection " + text};
    RunReport report;
    report.heads = report.pending = {text};
    report.failed = step;
    report.failure = std::make_shared<const Error>(
        Error(Kind::migration_failed, text, text).with("file", text).with("exception", text).with("source_line", text));
    LogEntry entry;
    entry.revision = entry.direction = entry.outcome = entry.host = entry.user = entry.error = text;
    RevisionReport row;
    row.revision = {text, {text}, {text}, {text}, text, text, text};
    row.labels = row.dependencies = row.children = {text};
    Progress progress;
    progress.what = text;
    for (const std::string& line :
         {step_line(step), now_at_text(report), already_at_head({text}), log_line(entry), history_line(row),
          show_text(row), failure_text(report, Direction::upgrade), progress_line(progress, 200)})
      EXPECT_FALSE(acts_on_a_terminal(line, "\n\t")) << one_line(line);
  });
}

// What the process wrote to stdout meanwhile.
template <class Action>
std::string written_by(Action action) {
  std::fflush(stdout);
  std::FILE* file = std::tmpfile();
  const int real = ::dup(STDOUT_FILENO);
  ::dup2(::fileno(file), STDOUT_FILENO);
  action();
  std::fflush(stdout);
  ::dup2(real, STDOUT_FILENO);
  ::close(real);
  std::string text(1 << 16, '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

TEST(Output, LetsNothingThroughThatActs) {
  const std::string evil =
      "a\x1b]0;title\x07"
      "b\xe2\x80\xae\xc2\x9b"
      "31m\r";
  EXPECT_EQ(written_by([&] { Output({}).result(evil); }), "a\\x1b]0;title\\x07b\\u202e\\x9b31m\\r\n");
  const std::string json = written_by([&] { Output({.json = true}).document({{"a", evil}}); });
  EXPECT_FALSE(acts_on_a_terminal(json, "\n"));
  EXPECT_EQ(nlohmann::json::parse(json)["a"], evil);
}

}  // namespace
}  // namespace treering
