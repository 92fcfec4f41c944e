// SPDX-License-Identifier: Apache-2.0
// Signals reach Python's main thread only when it runs Python code. While it is in here, somebody has to ask.
#pragma once

#include <functional>

namespace treering::python {

// Runs the signal handlers that Python has waiting and throws Error(Kind::interrupted) where one raised, and from then
// on where that was on our command line: a migration's `except: pass` takes the exception, not the wish. Does nothing
// on any thread but the one that made it, and nothing at all where that wasn't Python's main thread. Wants the GIL when
// made, takes it when called.
std::function<void()> interrupt_check();

}  // namespace treering::python
