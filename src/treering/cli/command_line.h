// SPDX-License-Identifier: Apache-2.0
// The command line: `treering ...`, `python -m treering ...` and `python manage.py ...` are this one function.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "treering/cli/terminal_line.h"
#include "treering/engine/port/scripts.h"

namespace treering {

// What the program around the command line brings.
struct CommandLineHost {
  std::string program = "treering";  // as it stands in usage lines: "treering" or "manage.py"
  std::string start;                 // folder to look for the configuration from; "" for the working directory
  Scripts* scripts =
      nullptr;  // nullptr: code of revisions runs in the project's Python, which this process then becomes
  std::function<void(const std::string& root)>
      opened;                               // told the project's folder when a command found it; may be empty
  std::function<void()> check_interrupted;  // see system_clock; empty: the process's own signals are caught
  TerminalLine* line = nullptr;             // see Output; borrowed
  std::string config;                       // configuration file, where neither --config nor TREERING_CONFIG names one
  std::vector<std::string> notes_told;      // by the process that handed over to this one
  // Called where a document or a source went out alone: what code of the project prints later has no place on stdout.
  std::function<void()> stdout_was_kept;
};

// Runs one command and gives its exit code (see README, "Exit codes"). Prints results to stdout and messages to stderr;
// throws nothing.
int command_line(const std::vector<std::string>& arguments, const CommandLineHost& host);

}  // namespace treering
