// SPDX-License-Identifier: Apache-2.0
// Questions to a person.
#pragma once

#include <string>

namespace treering {

enum class Answer { yes, no, nobody_there };

// Asks on stderr and reads a line from stdin; only "y" and "yes" are yes. Nobody is there where either is no terminal.
Answer ask(const std::string& question);

}  // namespace treering
