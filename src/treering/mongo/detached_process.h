// SPDX-License-Identifier: Apache-2.0
// A process that outlives the one that started it, and that others recognise later by its id.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace treering {

// A process for all time: ids are used again, but not with the same start.
struct ProcessId {
  pid_t pid = 0;
  std::int64_t started = 0;  // clock ticks after the machine's start
};

struct Launch {
  std::vector<std::string> command;  // its first word is the program's absolute path
  std::string folder;                // the working directory
  std::string log;                   // takes its stdout and stderr; emptied before
};

// In a session of its own (Ctrl-C on our terminal doesn't reach it), with none of our files, as nobody's child here: it
// never becomes a zombie of ours. Throws Error(Kind::unreachable) where the program can't be run, Error(Kind::file)
// where the log can't be written.
ProcessId launch_detached(const Launch& launch);

// False for one that ended, also where its parent has not asked for its end yet.
bool is_running(const ProcessId& process);

// Asks it to end (SIGTERM) where it still runs. Doesn't wait.
void ask_to_end(const ProcessId& process);

}  // namespace treering
