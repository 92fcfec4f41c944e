// SPDX-License-Identifier: Apache-2.0
#include "treering/python/report_values.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "treering/cli/revision_lines.h"
#include "treering/python/errors.h"

namespace nb = nanobind;

namespace treering::python {
namespace {

nb::dict value_of(const PlannedOperation& planned) {
  nb::dict value;
  value["operation"] = planned.text;
  value["collection"] = planned.collection;
  value["filter"] = planned.filter;
  value["operations"] = planned.operations;
  value["documents"] = planned.documents ? nb::object(nb::int_(*planned.documents)) : nb::none();
  value["exact"] = planned.exact;
  value["access"] = planned.access;
  value["note"] = planned.note;
  value["database"] = planned.database;
  value["trash"] = planned.trash;
  return value;
}

nb::dict value_of(const StepReport& step) {
  nb::dict value;
  value["revision"] = step.revision;
  value["message"] = step.message;
  value["direction"] = std::string(to_string(step.direction));
  value["duration_us"] = step.duration_us;
  value["schema"] = step.schema;
  value["undone"] = step.undone;
  value["written"] = step.written;
  nb::list planned;
  for (const PlannedOperation& one : step.planned) planned.append(value_of(one));
  value["planned"] = planned;
  return value;
}

void add_revision(nb::dict& value, const Revision& revision) {
  value["id"] = revision.id;
  value["parents"] = revision.parents;
  value["depends_on"] = revision.depends_on;
  value["message"] = revision.message;
  value["doc"] = revision.doc;
  value["path"] = revision.path;
  value["labels"] = revision.labels;
}

}  // namespace

nb::dict value_of(const RunReport& report) {
  nb::dict value;
  nb::list done;
  for (const StepReport& step : report.done) done.append(value_of(step));
  value["dry_run"] = report.dry_run;
  value["done"] = done;
  value["failure"] = report.failure ? exception_of(*report.failure) : nb::none();
  value["failed"] = report.failed ? nb::object(value_of(*report.failed)) : nb::none();
  value["pending"] = report.pending;
  value["heads"] = report.heads;
  value["at_head"] = report.at_head;
  value["unknown"] = report.unknown;
  value["duration_us"] = report.duration_us;
  return value;
}

nb::dict value_of(const CurrentReport& report) {
  nb::dict value;
  value["heads"] = report.heads;
  value["at_head"] = report.at_head;
  value["count"] = report.count;
  value["pending"] = report.pending;
  value["unknown"] = report.unknown;
  value["notes"] = report.notes;
  return value;
}

nb::dict value_of(const RevisionReport& report) {
  nb::dict value;
  add_revision(value, report.revision);
  value["labels"] = report.labels;
  value["head"] = report.head;
  value["branch_point"] = report.branch_point;
  value["merge_point"] = report.merge_point;
  value["applied"] = report.applied;
  value["current"] = report.current;
  value["in_files"] = report.in_files;
  value["children"] = report.children;
  value["applied_at_ms"] = report.applied_at_ms;
  return value;
}

nb::dict value_of(const CreatedRevision& created) {
  nb::dict value;
  add_revision(value, created.revision);
  value["head"] = true;
  return value;
}

nb::dict value_of(const Branch& branch) {
  nb::dict value;
  value["point"] = value_of(branch.point);
  value["children"] = values_of(branch.children);
  return value;
}

nb::dict value_of(const LogEntry& entry) {
  nb::dict value;
  value["revision"] = entry.revision;
  value["direction"] = entry.direction;
  value["outcome"] = entry.outcome;
  value["started_ms"] = entry.started_ms;
  value["duration_us"] = has_duration(entry) ? nb::cast(entry.duration_us) : nb::none();
  value["host"] = entry.host;
  value["pid"] = entry.pid;
  value["user"] = entry.user;
  value["error"] = entry.error;
  value["undone"] = entry.undone;
  value["left"] = entry.left;
  value["run"] = entry.run;
  return value;
}

nb::dict value_of(const LeaseState& state) {
  nb::dict value;
  value["epoch"] = state.state.epoch;
  value["held"] = state.is_held();
  value["host"] = state.lease.holder.host;
  value["pid"] = state.lease.holder.pid;
  value["user"] = state.lease.holder.user;
  value["since_ms"] = state.lease.since_ms;
  value["renewed_us_ago"] = (state.lease.server_now_ms - state.lease.renewed_ms) * 1000;
  value["doing"] = state.lease.doing;
  return value;
}

nb::dict value_of(const TrashReport& report) {
  nb::dict value;
  value["name"] = report.what.name;
  value["collection"] = report.what.collection;
  value["dropped_ms"] = report.what.dropped_ms;
  value["revision"] = report.what.revision;
  value["direction"] = report.what.undone ? "" : std::string(to_string(report.what.direction));
  value["undone"] = report.what.undone;
  value["documents"] = report.documents;
  value["bytes"] = report.bytes;
  return value;
}

nb::dict value_of(const Diagnosis& diagnosis) {
  nb::dict value;
  value["health"] = std::string(to_string(diagnosis.health));
  value["subject"] = diagnosis.subject;
  value["what"] = diagnosis.what;
  value["mend"] = diagnosis.mend;
  return value;
}

nb::dict value_of(const Difference& difference) {
  nb::dict value;
  value["kind"] = std::string(to_string(difference.kind));
  value["what"] = std::string(to_string(difference.what));
  value["collection"] = difference.collection;
  value["name"] = difference.name;
  value["detail"] = difference.detail;
  return value;
}

nb::dict value_of(const Finding& finding) {
  nb::dict value;
  value["kind"] = std::string(to_string(finding.kind));
  value["what"] = std::string(to_string(finding.what));
  value["collection"] = finding.collection;
  value["name"] = finding.name;
  value["text"] = finding.text;
  return value;
}

nb::dict value_of(const Autogenerated& generated) {
  nb::dict value;
  value["revision"] = generated.created ? nb::object(value_of(*generated.created)) : nb::none();
  value["text"] = generated.text;
  value["has_changes"] = generated.proposal.has_changes();
  value["changes"] = values_of(generated.proposal.changes);
  value["findings"] = values_of(generated.proposal.findings);
  return value;
}

nb::dict value_of(const CheckReport& report) {
  nb::dict value;
  value["differs"] = report.differs();
  value["pending"] = report.pending;
  value["compared_with_database"] = report.compared_with_database;
  value["changes"] = values_of(report.proposal.changes);
  value["findings"] = values_of(report.proposal.findings);
  return value;
}

}  // namespace treering::python
