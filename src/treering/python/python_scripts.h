// SPDX-License-Identifier: Apache-2.0
// The Scripts port on a Python object: treering.scripts.Scripts compiles and runs, this hands over.
#pragma once

#include <nanobind/nanobind.h>

#include "treering/engine/port/scripts.h"

namespace treering::python {

// Called without the GIL. Made and destroyed with it.
class PythonScripts : public Scripts {
 public:
  explicit PythonScripts(nanobind::object object) : object_(std::move(object)) {}

  // Tells the object the project's folder, which paths of revisions are relative to.
  void set_root(const std::string& root);

  void check(const std::vector<Script>& scripts, Direction direction) override;
  void run(const Script& script, Direction direction, Env& env) override;

  std::vector<Document> models(const std::vector<std::string>& modules) override;

  // Lets go of the object. Wants the GIL. Python's collector can't see into us: what the object holds may lead back
  // here.
  void forget() { object_.reset(); }

 private:
  nanobind::object object_;
};

}  // namespace treering::python
