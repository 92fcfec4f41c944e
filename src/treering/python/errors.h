// SPDX-License-Identifier: Apache-2.0
// treering::Error as Python's exceptions and back. Everything here wants the GIL.
#pragma once

#include <nanobind/nanobind.h>

#include "treering/base/error.h"
#include "treering/base/reply.h"

namespace treering::python {

// An instance of the class of treering.errors that base/error.cc names for the error's kind.
nanobind::object exception_of(const Error& error);

// What the code of a migration sees: pymongo's exceptions where the server or the connection is to blame.
nanobind::object exception_in_env(const Error& error);

// Throws nanobind::python_error, so that the exception goes on as it is.
[[noreturn]] void raise_exception(const nanobind::object& exception);

// An exception of treering.errors gives the Error it was made from; KeyboardInterrupt and the like give
// Kind::interrupted; anything else a failed migration.
Error error_of(const nanobind::python_error& raised);

// From now on an Error that leaves a bound function is raised as `exception_of` it.
void translate_errors();

}  // namespace treering::python
