// SPDX-License-Identifier: Apache-2.0
// Help, written from the table of commands. Pure.
#pragma once

#include <string>

#include "treering/cli/commands.h"

namespace treering {

// Both end without a line end. `program`: as it stands in usage lines.
std::string help_text(const std::string& program);
std::string help_text(const std::string& program, const Command& command);

}  // namespace treering
