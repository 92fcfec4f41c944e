// SPDX-License-Identifier: Apache-2.0
// Questions to a person.
#pragma once

#include <functional>
#include <string>

#include "treering/cli/output.h"

namespace treering {

enum class Answer { yes, no, nobody_there, not_asked };

// Asks on stderr and reads a line from stdin; only "y" and "yes" are yes. Nobody is there where either is no terminal,
// and nobody is asked with --json. `check_interrupted` is asked while it waits, and ends it by what it throws.
Answer ask(const Output& output, const std::string& question, const std::function<void()>& check_interrupted);

// Why there is no answer: "nobody is at a terminal".
std::string unanswered(Answer answer);

}  // namespace treering
