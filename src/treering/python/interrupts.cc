// SPDX-License-Identifier: Apache-2.0
#include "treering/python/interrupts.h"

#include <nanobind/nanobind.h>

#include <thread>

#include "treering/disk/system_clock.h"
#include "treering/python/errors.h"

namespace nb = nanobind;

namespace treering::python {
namespace {

void run_handlers() {
  nb::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() == 0) return;
  nb::python_error raised;
  Error error = error_of(raised);
  if (error.kind() == Kind::interrupted) throw error;
  // A handler of the program around us raised something of its own, a time limit perhaps: it ends the run like Ctrl-C.
  throw Error(Kind::interrupted, "the run was interrupted: " + std::string(error.what()));
}

}  // namespace

std::function<void()> interrupt_check() {
  nb::module_ threading = nb::module_::import_("threading");
  if (!threading.attr("current_thread")().is(threading.attr("main_thread")())) return [] {};
  return [made_by = std::this_thread::get_id()] {
    if (std::this_thread::get_id() != made_by) return;
    run_handlers();
    throw_if_asked_to_stop();
  };
}

}  // namespace treering::python
