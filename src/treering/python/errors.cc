// SPDX-License-Identifier: Apache-2.0
#include "treering/python/errors.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <csignal>

namespace nb = nanobind;

namespace treering::python {
namespace {

constexpr int kKinds = static_cast<int>(Kind::server) + 1;

Kind kind_named(std::string_view name) {
  for (int i = 0; i < kKinds; ++i)
    if (kind_row(static_cast<Kind>(i)).name == name) return static_cast<Kind>(i);
  return Kind::migration_failed;
}

nb::dict fields_of(const Error& error) {
  nb::dict fields;
  for (const auto& [name, value] : error.fields()) fields[nb::str(name.c_str(), name.size())] = nb::cast(value);
  return fields;
}

Error interrupted_by(int signal) {
  return Error(Kind::interrupted, "the run was interrupted").with("signal", std::to_string(signal));
}

bool is_instance(const nb::python_error& raised, const char* module, const char* name) {
  return raised.matches(nb::module_::import_(module).attr(name));
}

}  // namespace

nb::object exception_of(const Error& error) {
  const KindRow& row = kind_row(error.kind());
  nb::object type = nb::module_::import_("treering.errors").attr(std::string(row.python_class).c_str());
  return type(std::string(error.what()), error.hint(), fields_of(error));
}

nb::object exception_in_env(const Error& error) {
  nb::object reply = nb::none();
  if (const auto* refused = dynamic_cast<const ServerError*>(&error)) {
    auto bytes = refused->reply().bytes();
    reply = nb::bytes(bytes.data(), bytes.size());
  }
  return nb::module_::import_("treering.replies").attr("exception_in_env")(exception_of(error), reply);
}

void raise_exception(const nb::object& exception) {
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
  throw nb::python_error();
}

Error error_of(const nb::python_error& raised) {
  if (raised.matches(PyExc_KeyboardInterrupt)) return interrupted_by(SIGINT);
  nb::handle value = raised.value();
  if (is_instance(raised, "treering.errors", "Terminated")) return interrupted_by(nb::cast<int>(value.attr("signal")));
  if (!is_instance(raised, "treering.errors", "TreeringError"))
    return Error(Kind::migration_failed, nb::cast<std::string>(nb::str(value)));
  Error error(kind_named(nb::cast<std::string>(value.attr("kind"))), nb::cast<std::string>(value.attr("message")),
              nb::cast<std::string>(value.attr("hint")));
  for (auto [name, text] : nb::cast<nb::dict>(value.attr("fields")))
    error.with(nb::cast<std::string>(nb::str(name)), nb::cast<std::string>(nb::str(text)));
  return error;
}

void translate_errors() {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Error& error) {
      nb::object exception = exception_of(error);
      PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
    }
  });
}

}  // namespace treering::python
