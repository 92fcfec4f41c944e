// SPDX-License-Identifier: Apache-2.0
// The Clock port on the system's clocks and signals.
#pragma once

#include <functional>
#include <memory>

#include "treering/engine/port/clock.h"

namespace treering {

// `check` is asked at every chance and throws Error(Kind::interrupted) where the process was told to stop; it may be
// empty (a library in somebody else's process).
std::unique_ptr<Clock> system_clock(std::function<void()> check = {});

// For a program of ours: from now on SIGINT, SIGTERM and SIGHUP are noted instead of ending the process (a second one
// ends it at once). Gives the check for `system_clock`.
std::function<void()> catch_stop_signals();

// For a program of ours inside an interpreter, which handles SIGINT, SIGTERM and SIGHUP in its own time: the first of
// them still goes to the handlers that are there, the second ends the process at once, with exit code 128 + its number.
// What was left undone is for the next runner. A signal that is ignored, or that nobody handles, stays as it is.
// Forgets what came before it was called.
void end_at_second_stop_signal();

// Throws Error(Kind::interrupted) once such a signal came, whatever the interpreter's handler, and the code that it
// interrupted, made of it.
void throw_if_asked_to_stop();

}  // namespace treering
