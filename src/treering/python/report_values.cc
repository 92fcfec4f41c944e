// SPDX-License-Identifier: Apache-2.0
#include "treering/python/report_values.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "treering/python/errors.h"

namespace nb = nanobind;

namespace treering::python {
namespace {

nb::dict value_of(const StepReport& step) {
  nb::dict value;
  value["revision"] = step.revision;
  value["message"] = step.message;
  value["direction"] = std::string(to_string(step.direction));
  value["duration_us"] = step.duration_us;
  value["schema"] = step.schema;
  value["written"] = step.written;
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
  value["duration_us"] = entry.duration_us;
  value["host"] = entry.host;
  value["pid"] = entry.pid;
  value["user"] = entry.user;
  value["error"] = entry.error;
  value["run"] = entry.run;
  return value;
}

}  // namespace treering::python
