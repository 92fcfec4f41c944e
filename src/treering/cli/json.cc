// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/json.h"

#include "treering/cli/revision_lines.h"

namespace treering {
namespace {

double milliseconds(std::int64_t us) { return static_cast<double>(us) / 1e3; }

}  // namespace

Json json_time(std::int64_t ms) {
  std::string text = time_text(ms);  // "2024-12-10 15:00:00 UTC"
  text.replace(text.find(" UTC"), std::string::npos, "Z");
  text[text.find(' ')] = 'T';
  return text;
}

Json json_of(const Error& error) {
  Json fields = Json::object();
  for (const auto& [name, value] : error.fields()) fields[name] = value;
  return {{"kind", kind_row(error.kind()).name},
          {"message", error.what()},
          {"hint", error.hint()},
          {"fields", std::move(fields)}};
}

Json with_error(Json document, const Error& error) {
  document["error"] = json_of(error);
  document["exit_code"] = error.exit_code();
  return document;
}

Json json_of(const RevisionReport& report) {
  const Revision& revision = report.revision;
  return {{"revision", revision.id},
          {"down_revision", revision.parents},
          {"message", revision.message},
          {"doc", revision.doc},
          {"path", revision.path.empty() ? Json() : Json(revision.path)},
          {"branch_labels", revision.labels},
          {"depends_on", report.dependencies},
          {"labels", report.labels},
          {"children", report.children},
          {"head", report.head},
          {"branch_point", report.branch_point},
          {"merge_point", report.merge_point},
          {"in_files", report.in_files},
          {"applied", report.applied ? Json(*report.applied) : Json()},
          {"applied_at", report.applied_at_ms ? json_time(*report.applied_at_ms) : Json()},
          {"current", report.current}};
}

Json json_of(const CurrentReport& report) {
  return {{"heads", report.heads},     {"file_heads_applied", report.file_heads_applied},
          {"at_head", report.at_head}, {"count", report.count},
          {"pending", report.pending}, {"unknown", report.unknown},
          {"notes", report.notes}};
}

Json json_of(const PlannedOperation& planned) {
  return {{"operation", planned.text},
          {"collection", planned.collection},
          {"filter", planned.filter.empty() ? Json() : Json(planned.filter)},
          {"operations", planned.operations},
          {"documents", planned.documents ? Json(*planned.documents) : Json()},
          {"exact", planned.exact},
          {"access", planned.access},
          {"note", planned.note},
          {"database", planned.database.empty() ? Json() : Json(planned.database)},
          {"trash", planned.trash}};
}

Json json_of(const StepReport& step) {
  Json written = Json::object();
  for (const auto& [collection, count] : step.written) written[collection] = count;
  return {{"revision", step.revision},
          {"message", step.message},
          {"direction", to_string(step.direction)},
          {"duration_ms", milliseconds(step.duration_us)},
          {"schema", step.schema},
          {"undone", step.undone},
          {"written", std::move(written)},
          {"planned", json_list(step.planned)}};
}

Json json_of(const RunReport& report) {
  Json document{{"dry_run", report.dry_run},
                {"done", json_list(report.done)},
                {"failed", report.failed ? json_of(*report.failed) : Json()},
                {"pending", report.pending},
                {"heads", report.heads},
                {"at_head", report.at_head},
                {"unknown", report.unknown},
                {"duration_ms", milliseconds(report.duration_us)}};
  return report.failure ? with_error(std::move(document), *report.failure) : document;
}

Json json_of(const LogEntry& entry) {
  return {{"revision", entry.revision},
          {"direction", entry.direction},
          {"outcome", entry.outcome},
          {"started_at", json_time(entry.started_ms)},
          {"duration_ms", has_duration(entry) ? Json(milliseconds(entry.duration_us)) : Json()},
          {"host", entry.host},
          {"pid", entry.pid},
          {"user", entry.user},
          {"run", entry.run},
          {"error", entry.error.empty() ? Json() : Json(entry.error)},
          {"undone", entry.undone},
          {"left", entry.left}};
}

Json json_of(const Branch& branch) {
  return {{"point", json_of(branch.point)}, {"children", json_list(branch.children)}};
}

Json json_of(const CreatedRevision& created) {
  const Revision& revision = created.revision;
  return {{"revision", revision.id},   {"down_revision", revision.parents}, {"message", revision.message},
          {"path", revision.path},     {"branch_labels", revision.labels},  {"depends_on", revision.depends_on},
          {"created", created.created}};
}

Json json_of(const Difference& difference) {
  return {{"kind", to_string(difference.kind)},
          {"what", to_string(difference.what)},
          {"collection", difference.collection},
          {"name", difference.name.empty() ? Json() : Json(difference.name)},
          {"detail", difference.detail.empty() ? Json() : Json(difference.detail)}};
}

Json json_of(const Finding& finding) {
  return {{"kind", to_string(finding.kind)},
          {"what", to_string(finding.what)},
          {"collection", finding.collection},
          {"name", finding.name.empty() ? Json() : Json(finding.name)},
          {"text", finding.text}};
}

}  // namespace treering
