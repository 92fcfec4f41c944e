// SPDX-License-Identifier: Apache-2.0
#include "treering/python/native_project.h"

#include <nanobind/stl/string.h>

#include <chrono>

#include "treering/python/interrupts.h"

namespace nb = nanobind;

namespace treering::python {

void PythonNotes::tell(const std::string& line) {
  nb::gil_scoped_acquire gil;
  try {
    note_(line);
  } catch (nb::python_error& raised) {
    raised.discard_as_unraisable("treering's log");
  }
}

NativeProject::NativeProject(const Opening& opening, nb::object scripts, nb::object note)
    : scripts_(std::move(scripts)), notes_(std::move(note)) {
  OpenRequest request;
  request.config.file = opening.config;
  request.config.start = opening.start;
  request.config.url = opening.url;
  request.config.environment = opening.environment;
  request.config.database = opening.database;
  request.config.need_database = opening.need_database;
  request.scripts = &scripts_;
  request.observer = &notes_;
  request.check_interrupted = interrupt_check();
  nb::gil_scoped_release released;
  open_ = std::make_unique<OpenProject>(request);
  Settings& settings = open_->project().settings;
  if (opening.lock_timeout_s)
    settings.lock_timeout = std::chrono::milliseconds(static_cast<std::int64_t>(*opening.lock_timeout_s * 1000));
}

void NativeProject::close() {
  {
    nb::gil_scoped_release released;
    open_.reset();
  }
  scripts_.forget();
  notes_.forget();
}

OpenProject& NativeProject::open() {
  if (!open_) throw Error(Kind::usage, "this project is closed");
  return *open_;
}

}  // namespace treering::python
