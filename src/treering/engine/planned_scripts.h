// SPDX-License-Identifier: Apache-2.0
// From a plan to the code that it runs.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "treering/engine/project.h"
#include "treering/engine/store.h"
#include "treering/history/graph.h"
#include "treering/history/plan.h"

namespace treering {

// The code of these revisions, in their order: the file's, or as it was applied where no file has the revision. All of
// it is compiled (Scripts::check), so that nothing has run when a later file turns out to be broken. Throws Error:
// usage where nobody here can run code, revision where there is neither file nor source, and what Scripts::check
// throws.
std::vector<Script> planned_scripts(Project& project, Store& store, const Graph& graph,
                                    const std::vector<std::string>& plan, Direction direction);

// Those of them whose code is one transaction: by the header (of a source that was kept, its own), else by the
// configuration. Throws as require_transactions does where there is one.
std::set<std::string> transactional_revisions(const Project& project, Connection& connection, const Graph& graph,
                                              const std::vector<Script>& scripts);

// plan_upgrade or plan_downgrade.
std::vector<std::string> plan_of(const Project& project, const Graph& graph, const Applied& applied,
                                 Direction direction, const std::string& target);

}  // namespace treering
