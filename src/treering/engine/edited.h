// SPDX-License-Identifier: Apache-2.0
// Which files say something else by now than when they were applied.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/port/database.h"
#include "treering/engine/project.h"
#include "treering/history/graph.h"

namespace treering {

// The recorded revisions of which a file is there whose code is no longer the one that was applied, in the order of the
// graph; comments and blank lines aside. A record without source (adopted, or stamped without a file) tells nothing.
// Whole files are read; sources only of those whose checksum differs.
std::vector<std::string> edited_revisions(Connection& connection, const std::string& database, Files& files,
                                          const Graph& graph);

// The same, of a project that has to be asked for everything.
std::vector<std::string> edited_revisions(Project& project);

}  // namespace treering
