// SPDX-License-Identifier: Apache-2.0
// Programs that get a new revision file before anybody else sees it: a formatter, a linter.
#pragma once

#include <string>
#include <vector>

namespace treering {

// Runs each command line with /bin/sh in the project's root (absolute), on the file of that absolute path, which takes
// the place of REVISION_SCRIPT_FILENAME in it or is put at its end. What they print goes to stderr. Gives a line each,
// as Files::run_post_write_hooks says. Never throws for a hook that failed, and doesn't wait for what a hook leaves
// running.
std::vector<std::string> run_post_write_hooks(const std::vector<std::string>& hooks, const std::string& root,
                                              const std::string& path);

}  // namespace treering
