// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "treering/cli/command_line.h"

int main(int argc, char** argv) { return treering::command_line(std::vector<std::string>(argv + 1, argv + argc), {}); }
