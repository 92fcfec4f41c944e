// SPDX-License-Identifier: Apache-2.0
// treering._native: libtreering as a Python extension module.
#include <nanobind/nanobind.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "treering/cli/command_line.h"
#include "treering/disk/system_clock.h"
#include "treering/python/batch.h"
#include "treering/python/errors.h"
#include "treering/python/interrupts.h"
#include "treering/python/native_env.h"
#include "treering/python/native_project.h"
#include "treering/python/python_scripts.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace {

// Gives the exit code, and whether stdout was kept for a document or a source alone.
std::pair<int, bool> run_command_line(const std::vector<std::string>& arguments, const std::string& program,
                                      const std::string& start, const std::string& config,
                                      const std::vector<std::string>& notes_told, nb::object scripts,
                                      treering::TerminalLine& line) {
  treering::python::PythonScripts adapter(std::move(scripts));
  treering::CommandLineHost host;
  host.program = program;
  host.start = start;
  host.scripts = &adapter;
  host.opened = [&adapter](const std::string& root) { adapter.set_root(root); };
  host.check_interrupted = treering::python::interrupt_check();
  host.line = &line;
  host.config = config;
  host.notes_told = notes_told;
  bool stdout_was_kept = false;
  host.stdout_was_kept = [&stdout_was_kept] { stdout_was_kept = true; };
  nb::gil_scoped_release released;
  const int code = treering::command_line(arguments, host);
  return {code, stdout_was_kept};
}

}  // namespace

NB_MODULE(_native, module) {
#ifdef NDEBUG
  nb::set_leak_warnings(false);
#endif
  treering::python::translate_errors();
  module.attr("__version__") = TREERING_VERSION;
  module.def("end_at_second_stop_signal", &treering::end_at_second_stop_signal);
  nb::class_<treering::TerminalLine>(module, "TerminalLine", "The terminal's last line, which progress is shown on.")
      .def(nb::init<>())
      .def("before_print", &treering::TerminalLine::before_print)
      .def("after_print", &treering::TerminalLine::after_print, "open"_a);
  module.def("command_line", &run_command_line, "arguments"_a, "program"_a, "start"_a, "config"_a, "notes_told"_a,
             "scripts"_a, "line"_a);
  treering::python::bind_batch(module);
  treering::python::bind_env(module);
  treering::python::bind_project(module);
}
