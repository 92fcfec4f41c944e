// SPDX-License-Identifier: Apache-2.0
// Which files say something else by now than when they were applied.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/catalog.h"
#include "treering/engine/port/database.h"
#include "treering/engine/project.h"
#include "treering/history/graph.h"
#include "treering/history/plan.h"

namespace treering {

// The recorded revisions of which a file is there whose code is no longer the one that was applied, in the order of the
// graph; comments and blank lines aside. A record without source (adopted, or stamped without a file) tells nothing.
// Whole files are read; sources only of those whose checksum differs.
std::vector<std::string> edited_revisions(Connection& connection, const std::string& database, Files& files,
                                          const Graph& graph);

// The same, of a project that has to be asked for everything.
std::vector<std::string> edited_revisions(Project& project);

// Notes them to the observer; for a downgrade those of the plan alone. What was applied stays as it was, and is
// reverted by what its file says now; whoever wrote that may think otherwise.
void note_edited(Project& project, Connection& connection, const Catalog& catalog, Direction direction,
                 const std::vector<std::string>& plan);

}  // namespace treering
