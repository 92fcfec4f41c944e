// SPDX-License-Identifier: Apache-2.0
// The reports of the verbs as Python dictionaries: keys are the names of the C++ members. treering.report makes
// dataclasses of them. Wants the GIL.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "treering/engine/author.h"
#include "treering/engine/inspect.h"
#include "treering/engine/report.h"

namespace treering::python {

nanobind::dict value_of(const RunReport& report);  // "failure" is an exception, or None
nanobind::dict value_of(const CurrentReport& report);
nanobind::dict value_of(const RevisionReport& report);
nanobind::dict value_of(const CreatedRevision& created);
nanobind::dict value_of(const Branch& branch);
nanobind::dict value_of(const LogEntry& entry);

template <class Report>
nanobind::list values_of(const std::vector<Report>& reports) {
  nanobind::list list;
  for (const Report& report : reports) list.append(value_of(report));
  return list;
}

}  // namespace treering::python
