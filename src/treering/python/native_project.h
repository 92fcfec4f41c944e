// SPDX-License-Identifier: Apache-2.0
// A project opened for one call of a verb, with Python's scripts and log.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <optional>
#include <string>

#include "treering/library/open_project.h"
#include "treering/python/python_scripts.h"

namespace treering::python {

// Tells a Python callable, line by line, what is worth knowing. What the callable raises is reported as unraisable: a
// log never ends a run.
class PythonNotes : public Observer {
 public:
  explicit PythonNotes(nanobind::object note) : note_(std::move(note)) {}

  void note(const std::string& line) override { tell(line); }
  void step_started(const std::string& revision, const std::string& message, Direction direction) override {
    tell(std::string(to_string(direction)) + " " + revision + ", " + message);
  }
  void step_finished(const StepReport&) override {}

  void forget() { note_.reset(); }

 private:
  void tell(const std::string& line);

  nanobind::object note_;
};

struct Opening {
  std::string config;  // a configuration file
  std::string start;   // or a folder to search from
  std::string url;
  std::string environment;
  std::string database;
  bool need_database = true;
  std::optional<double> lock_timeout_s;
};

// Members are destroyed in reverse order: the project before what it borrows.
class NativeProject {
 public:
  NativeProject(const Opening& opening, nanobind::object scripts, nanobind::object note);
  ~NativeProject() { close(); }
  NativeProject(const NativeProject&) = delete;
  NativeProject& operator=(const NativeProject&) = delete;

  void close();

  const Config& config() { return open().config(); }
  Project& project() { return open().project(); }
  OpenProject& open();

 private:
  PythonScripts scripts_;
  PythonNotes notes_;
  std::unique_ptr<OpenProject> open_;
};

// Runs a verb without the GIL.
template <class Verb>
auto run_verb(NativeProject& native, Verb&& verb) {
  Project& project = native.project();
  nanobind::gil_scoped_release released;
  return verb(project);
}

void bind_project(nanobind::module_& module);

}  // namespace treering::python
