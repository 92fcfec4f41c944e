// SPDX-License-Identifier: Apache-2.0
// Questions to a person.
#pragma once

#include <functional>
#include <string>

namespace treering {

enum class Answer { yes, no, nobody_there };

// Asks on stderr and reads a line from stdin; only "y" and "yes" are yes. Nobody is there where either is no terminal.
// `check_interrupted` is asked while it waits, and ends it by what it throws.
Answer ask(const std::string& question, const std::function<void()>& check_interrupted);

}  // namespace treering
