// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/run_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <set>
#include <utility>

#include "treering/base/amount.h"
#include "treering/cli/text.h"

namespace treering {
namespace {

constexpr std::size_t kIdColumns = 14;
constexpr std::size_t kMessageColumns = 28;
constexpr std::size_t kDoneColumns = 40;
constexpr std::size_t kTimeColumns = 10;
constexpr std::string_view kChanged = "changed collection";

std::string columns(const StepReport& step, const std::string& what) {
  const std::string id = one_line(step.revision);
  const std::string time = right_aligned(duration_text(step.duration_us), kTimeColumns);
  return fmt::format("{}  {}  {}{}", display_width(id) < kIdColumns ? in_columns(id, kIdColumns) : id,
                     in_columns(one_line(step.message), kMessageColumns),
                     display_width(what) < kDoneColumns ? in_columns(what, kDoneColumns) : what, time);
}

// What a schema operation's description (schema/operation.h) says in its first words: "create index wallet.uid" is 1
// index, "create 3 indexes on wallet" are 3, "drop collection wallet" is 1 dropped collection.
struct Counted {
  std::string kind;
  std::int64_t count = 1;
};

Counted counted_from(std::string_view description) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kVerbs{
      {{"create", ""}, {"drop", "dropped "}, {"rename", "renamed "}, {"change", "changed "}, {"restore", "restored "}}};
  const auto next_word = [&description] {
    const std::size_t end = std::min(description.find(' '), description.size());
    const std::string_view word = description.substr(0, end);
    description.remove_prefix(std::min(end + 1, description.size()));
    return word;
  };
  const std::string_view verb = next_word();
  const auto row = std::find_if(kVerbs.begin(), kVerbs.end(), [&](const auto& one) { return one.first == verb; });
  std::string_view noun = next_word();
  std::int64_t count = 1;
  if (std::from_chars(noun.data(), noun.data() + noun.size(), count).ec == std::errc()) noun = next_word();
  if (noun == "indexes") noun = "index";
  if (row == kVerbs.end() || (noun != "index" && noun != "collection")) return {"schema change", 1};
  return {std::string(row->second).append(noun), count};
}

std::int64_t documents(const StepReport& step) {
  return std::accumulate(step.written.begin(), step.written.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& one) { return sum + one.second; });
}

// "file:line: KeyError: 'full_name'", without the line where no code of the file had run, or the error's own sentence
// where no code of a revision raised.
std::string cause_line(const Error& error) {
  const std::string_view file = error.field("file");
  const std::string_view whole = error.field("exception");
  const std::string_view exception = whole.substr(0, whole.find('\n'));  // the traceback has the rest
  if (file.empty() || exception.empty()) return one_line(error.what());
  const std::string_view line = error.field("line");
  return fmt::format("{}{}{}: {}", one_line(file), line.empty() ? "" : ":", one_line(line), one_line(exception));
}

// What the step did before it stopped: what was taken back, and what nothing takes back.
std::string undone_and_left(const StepReport& step, const Error& failure) {
  if (const std::string_view unsettled = failure.field("unsettled"); !unsettled.empty())
    return fmt::format("  {}: the next command that writes finds out\n", one_line(unsettled));
  std::string text;
  if (!step.undone.empty()) text += fmt::format("  undone: {}\n", one_line(joined(step.undone)));
  const std::string_view later = failure.field("left_open");
  if (!later.empty() && !step.schema.empty())
    text += fmt::format("  not undone yet: {}; {}\n", one_line(joined(step.schema)), one_line(later));
  const std::size_t before = text.size();
  if (later.empty() && !step.schema.empty())
    text += fmt::format("  left in place: {}\n", one_line(joined(step.schema)));
  for (const auto& [collection, count] : step.written)
    if (count > 0)
      text += fmt::format("  left in place: {} changed in {}\n", counted(count, "document"), one_line(collection));
  if (text.size() > before)
    text += "  the next run meets what is left: take it back by hand, or let the code pass over what is done already\n";
  if (step.backfilled)
    text +=
        "  a backfill goes on where it stopped, and isn't done again where it came to its end; under another name=... "
        "it "
        "begins anew\n";
  return text;
}

std::string_view verb_of(Direction direction) { return direction == Direction::upgrade ? "upgrade" : "downgrade"; }
std::string_view past_of(Direction direction) { return direction == Direction::upgrade ? "applied" : "reverted"; }

std::string advice(const Error& error, Direction direction) {
  const std::string_view verb = verb_of(direction);
  std::string_view recorded = direction == Direction::upgrade ? "nothing recorded" : "still recorded as applied";
  if (!error.field("unsettled").empty()) recorded = "not known whether it is recorded";
  if (error.kind() == Kind::migration_failed || error.kind() == Kind::revision)
    return fmt::format("{}; mend the file and run {} again", recorded, verb);
  if (!error.hint().empty()) return fmt::format("{}; {}", recorded, one_line(error.hint()));
  return fmt::format("{}; run {} again", recorded, verb);
}

}  // namespace

std::string done_text(const StepReport& step) {
  std::vector<std::pair<std::string, std::int64_t>> kinds;  // in the order in which they first came
  std::set<std::string> changed;
  for (const std::string& description : step.schema) {
    const Counted one = counted_from(description);
    // A collection that was changed in two steps is one.
    if (one.kind == kChanged && !changed.insert(description).second) continue;
    auto found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.first == one.kind; });
    if (found == kinds.end()) found = kinds.emplace(kinds.end(), one.kind, 0);
    found->second += one.count;
  }
  std::vector<std::string> parts;
  for (const auto& [kind, count] : kinds) parts.push_back(counted(count, kind));
  if (const std::int64_t count = documents(step); count > 0) parts.push_back(counted(count, "document"));
  return parts.empty() ? "no changes" : joined(parts);
}

std::string step_line(const StepReport& step) { return columns(step, done_text(step)); }

std::string now_at_text(const RunReport& report) {
  if (report.heads.empty()) return "now at base";
  return fmt::format("now at {}{}", one_line(joined(report.heads)), report.at_head ? " (head)" : "");
}

std::string summary_line(const RunReport& report, Direction direction) {
  return fmt::format("{} {} in {}, {}", report.done.size(), past_of(direction), seconds_text(report.duration_us),
                     now_at_text(report));
}

std::string already_at_head(const std::vector<std::string>& heads) {
  return heads.empty() ? "nothing to apply: there are no revisions yet"
                       : fmt::format("already at head: {}", one_line(joined(heads)));
}

std::string failure_text(const RunReport& report, Direction direction) {
  const Error& error = *report.failure;
  std::string text;
  if (report.failed)
    text += columns(*report.failed, error.kind() == Kind::interrupted ? "interrupted" : "failed") + "\n";
  text += fmt::format("  {}\n", cause_line(error));
  const std::string_view source_line = error.field("source_line");
  const std::size_t start = std::min(source_line.find_first_not_of(" \t"), source_line.size());
  if (start < source_line.size()) text += fmt::format("      {}\n", one_line(source_line.substr(start)));
  if (const std::string_view refused = error.field("refused"); !refused.empty())
    text += fmt::format("  the server refused: {}\n", one_line(refused));
  if (const std::string_view traceback = error.field("traceback"); !traceback.empty())
    text += fmt::format("\n{}\n\n", indented(many_lines(traceback), "  "));
  if (report.failed) text += undone_and_left(*report.failed, error);
  text += fmt::format("  {}", advice(error, direction));
  if (!report.pending.empty()) {
    constexpr std::size_t kShown = 5;
    const std::size_t shown = std::min(kShown, report.pending.size());
    const std::vector<std::string> first(report.pending.begin(),
                                         report.pending.begin() + static_cast<std::ptrdiff_t>(shown));
    text +=
        fmt::format("\n  not begun: {}{}", one_line(joined(first)),
                    report.pending.size() > shown ? fmt::format(" and {} more", report.pending.size() - shown) : "");
  }
  return text;
}

}  // namespace treering
