// SPDX-License-Identifier: Apache-2.0
// treering._native.Project: a project opened for one call of a verb. treering.migration stands on it.
#pragma once

#include <nanobind/nanobind.h>

namespace treering::python {

void bind_project(nanobind::module_& module);

}  // namespace treering::python
