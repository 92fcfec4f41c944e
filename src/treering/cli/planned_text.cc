// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/planned_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "treering/base/amount.h"
#include "treering/cli/text.h"

namespace treering {
namespace {

constexpr std::size_t kWidest = 44;
constexpr std::size_t kFilterColumns = 60;

std::string documents_text(const PlannedOperation& one) {
  if (!one.documents) return "";
  return (one.exact ? "" : "about ") + counted(*one.documents, "document");
}

std::string shortened(const std::string& text) {
  const std::string line = one_line(text);
  return display_width(line) <= kFilterColumns ? line : in_columns(line, kFilterColumns);
}

}  // namespace

std::string planned_head(const StepReport& step) {
  return fmt::format("{}  {}", one_line(step.revision), one_line(step.message));
}

std::vector<std::string> planned_lines(const std::vector<PlannedOperation>& planned) {
  std::vector<std::array<std::string, 4>> rows;
  for (const PlannedOperation& one : planned) {
    std::string what = one_line(one.text);
    if (one.operations > 1) what += fmt::format(" ({} times)", one.operations);
    std::string rest = one.filter.empty() ? "" : shortened(one.filter);
    if (!one.note.empty()) rest += (rest.empty() ? "" : "  ") + ("! " + one_line(one.note));
    rows.push_back({what, documents_text(one), one_line(one.access), rest});
  }
  std::array<std::size_t, 3> widths{};
  for (const auto& row : rows)
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], std::min(display_width(row[i]), kWidest));
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < widths.size(); ++i)
      if (widths[i] > 0)
        line += " " + (display_width(row[i]) < widths[i] ? in_columns(row[i], widths[i]) : row[i]) + " ";
    line += " " + row[3];
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(line);
  }
  return lines;
}

std::string dry_run_summary(const RunReport& report, Direction direction) {
  return fmt::format("dry run: {} would be {}; nothing was written",
                     counted(static_cast<std::int64_t>(report.done.size()), "revision"),
                     direction == Direction::upgrade ? "applied" : "reverted");
}

}  // namespace treering
