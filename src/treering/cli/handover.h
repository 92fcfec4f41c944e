// SPDX-License-Identifier: Apache-2.0
// Becomes `<the project's Python> -m treering <same arguments>`, where the code of revisions has to run
// (ARCHITECTURE.md, "Python").
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "treering/cli/verbs.h"

namespace treering {

// What the search for an interpreter looks at.
struct InterpreterSearch {
  std::string configured;      // `python` of the configuration; "" for none
  std::string root;            // of the project: relative paths of `configured` start here
  std::string program_folder;  // where this program stands
  std::string virtual_env;     // $VIRTUAL_ENV; "" for none
  std::function<bool(const std::string&)> is_file;
};

// A path, or a bare name to be searched on PATH: `configured`; else the one beside the program where that is a virtual
// environment's; else $VIRTUAL_ENV's; else "python3".
std::string choose_interpreter(const InterpreterSearch& search);

// The program given to `python -c`: runs treering's own main, or says that `interpreter` doesn't have it (as JSON on
// stdout where asked for). In that case nobody takes over our share of an embedded server, so `way_back`, a command of
// ours, is run to join the server and, as its last user, to stop it.
enum class ErrorForm { text, json };
std::string bootstrap_source(const std::string& interpreter, ErrorForm form, const std::vector<std::string>& way_back);

// What was noted so far, a line each, for the process that we become: it meets the same once more.
inline constexpr const char* kNotesToldVariable = "TREERING_NOTES_TOLD";

// Doesn't return where it works. Throws Error(Kind::config) where the interpreter can't be started.
[[noreturn]] void hand_over(Session& session, OpenProject& project);

}  // namespace treering
