// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/revision_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "treering/cli/text.h"
#include "treering/history/revision_file.h"

namespace treering {
namespace {

std::string ids(const std::vector<std::string>& items) { return one_line(joined(items)); }

std::string parents_text(const Revision& revision) {
  return revision.parents.empty() ? "<base>" : ids(revision.parents);
}

std::string labels_text(const RevisionReport& report) {
  return report.labels.empty() ? "" : fmt::format(" ({})", ids(report.labels));
}

// What stands on files and what stands in the database, in Alembic's order.
std::string marks(const RevisionReport& report) {
  std::string text;
  if (report.head) text += " (head)";
  if (report.current) text += " (current)";
  if (report.branch_point) text += " (branchpoint)";
  if (report.merge_point) text += " (mergepoint)";
  if (!report.in_files) text += " (not in the files)";
  return text;
}

}  // namespace

std::string time_text(std::int64_t ms) { return date_text(ms) + " UTC"; }

std::string head_line(const RevisionReport& report) {
  const std::string head = report.head ? " (head)" : "";
  return one_line(report.revision.id) + labels_text(report) + head;
}

std::string history_line(const RevisionReport& report) {
  const std::string needs = report.dependencies.empty() ? "" : fmt::format(" ({})", ids(report.dependencies));
  return fmt::format("{}{} -> {}{}{}, {}", parents_text(report.revision), needs, one_line(report.revision.id),
                     labels_text(report), marks(report), one_line(report.revision.message));
}

std::string show_text(const RevisionReport& report) {
  std::string text = fmt::format("Rev: {}{}\n", one_line(report.revision.id), marks(report));
  text += fmt::format("{}: {}\n", report.merge_point ? "Merges" : "Parent", parents_text(report.revision));
  if (!report.dependencies.empty()) text += fmt::format("Also depends on: {}\n", ids(report.dependencies));
  if (report.branch_point) text += fmt::format("Branches into: {}\n", ids(report.children));
  if (!report.labels.empty()) text += fmt::format("Branch names: {}\n", ids(report.labels));
  if (!report.revision.path.empty()) text += fmt::format("Path: {}\n", one_line(report.revision.path));
  if (report.applied_at_ms) text += fmt::format("Applied: {}\n", time_text(*report.applied_at_ms));
  std::string_view doc = report.revision.doc.empty() ? report.revision.message : report.revision.doc;
  while (!doc.empty() && (doc.front() == '\n' || doc.front() == '\r')) doc.remove_prefix(1);
  return text + "\n" + indented(many_lines(doc), "    ") + "\n";
}

std::string branch_text(const Branch& branch) {
  std::string text = one_line(branch.point.revision.id) + labels_text(branch.point) + marks(branch.point);
  const std::string margin(display_width(one_line(branch.point.revision.id)), ' ');
  for (const RevisionReport& child : branch.children)
    text += fmt::format("\n{} -> {}{}{}", margin, one_line(child.revision.id), labels_text(child), marks(child));
  return text;
}

std::string current_line(const CurrentReport& report, const std::string& head) {
  const auto among = [&](const std::vector<std::string>& some) {
    return std::find(some.begin(), some.end(), head) != some.end();
  };
  std::string line = one_line(head);
  if (among(report.file_heads_applied)) line += " (head)";
  if (among(report.unknown)) line += " (not in the files)";
  return line;
}

bool has_duration(const LogEntry& entry) {
  return entry.duration_us > 0 || (entry.outcome != "open" && entry.outcome != "undone" && entry.outcome != "unknown");
}

std::string log_line(const LogEntry& entry) {
  std::string line =
      fmt::format("{}  {}  {}  {}  {}", time_text(entry.started_ms), in_columns(one_line(entry.direction), 9),
                  in_columns(one_line(entry.outcome), 11), in_columns(one_line(entry.revision), 14),
                  right_aligned(has_duration(entry) ? duration_text(entry.duration_us) : "-", 8));
  if (!entry.host.empty()) {
    const std::string who = entry.user.empty() ? entry.host : fmt::format("{}@{}", entry.user, entry.host);
    line += fmt::format("  {} (pid {})", one_line(who), entry.pid);
  }
  if (!entry.error.empty()) line += fmt::format("\n  {}", one_line(entry.error));
  if (!entry.undone.empty()) line += fmt::format("\n  undone: {}", one_line(joined(entry.undone)));
  if (!entry.left.empty()) line += fmt::format("\n  left in place: {}", one_line(joined(entry.left)));
  return line;
}

}  // namespace treering
