// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/operator_text.h"

#include <fmt/format.h>

#include "treering/base/amount.h"
#include "treering/cli/revision_lines.h"
#include "treering/cli/text.h"

namespace treering {
namespace {

Json number(const std::optional<std::int64_t>& value) { return value ? Json(*value) : Json(); }

std::string dropped_by(const Trashed& what) {
  if (what.revision.empty()) return "by hand";
  if (what.undone) return fmt::format("made by an attempt at {} that was undone", one_line(what.revision));
  return fmt::format("by the {} of {}", to_string(what.direction), one_line(what.revision));
}

}  // namespace

std::string trash_line(const TrashReport& report) {
  const std::string documents = report.documents ? counted(*report.documents, "document") : "?";
  const std::string bytes = report.bytes ? size_text(*report.bytes) : "?";
  return fmt::format("{}  {}  {}, {}, {}\n  {}", in_columns(one_line(report.what.collection), 24),
                     time_text(report.what.dropped_ms), dropped_by(report.what), documents, bytes,
                     one_line(report.what.name));
}

std::string diagnosis_text(const Diagnosis& diagnosis) {
  std::string text = fmt::format("{}  {}  {}", in_columns(std::string(to_string(diagnosis.health)), 7),
                                 in_columns(diagnosis.subject, 13), one_line(diagnosis.what));
  if (!diagnosis.mend.empty()) text += fmt::format("\n         {}", one_line(diagnosis.mend));
  return text;
}

Json json_of(const LeaseState& state) {
  const LeaseView& lease = state.lease;
  const auto& attempt = state.state.attempt;
  return {{"host", lease.holder.host},
          {"pid", lease.holder.pid},
          {"user", lease.holder.user},
          {"run", lease.holder.run},
          {"since", json_time(lease.since_ms)},
          {"renewed_ms_ago", lease.server_now_ms - lease.renewed_ms},
          {"doing", lease.doing},
          {"attempt", attempt ? Json{{"revision", attempt->revision}, {"direction", attempt->direction}} : Json()}};
}

Json json_of(const TrashReport& report) {
  const Trashed& what = report.what;
  return {{"name", what.name},
          {"collection", what.collection},
          {"dropped_at", json_time(what.dropped_ms)},
          {"revision", what.revision.empty() ? Json() : Json(what.revision)},
          {"direction", what.revision.empty() || what.undone ? Json() : Json(to_string(what.direction))},
          {"undone", what.undone},
          {"documents", number(report.documents)},
          {"bytes", number(report.bytes)}};
}

Json json_of(const Diagnosis& diagnosis) {
  return {{"health", to_string(diagnosis.health)},
          {"subject", diagnosis.subject},
          {"what", diagnosis.what},
          {"mend", diagnosis.mend.empty() ? Json() : Json(diagnosis.mend)}};
}

}  // namespace treering
