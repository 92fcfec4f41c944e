// SPDX-License-Identifier: Apache-2.0
// From what a person asked for to the file of a revision: what `revision`, `merge`, autogenerate and `baseline` share.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/author.h"
#include "treering/history/graph.h"
#include "treering/history/revision_file.h"

namespace treering {

struct RevisionContent {
  std::string details;                     // further paragraphs of the docstring
  std::string imports;                     // import lines
  std::optional<bool> transactional = {};  // as NewRevision has it
  std::string upgrade_body;
  std::string downgrade_body;
};

// The parents that the options name, or all heads. Throws Error(Kind::revision).
std::vector<std::string> parents_of(const Graph& graph, const NewRevisionOptions& options, bool strict_heads);

// The revision as it would be written; nothing is. Throws Error where it would not fit into the graph.
NewRevision new_revision(Project& project, const Graph& graph, const NewRevisionOptions& options,
                         std::vector<std::string> parents, RevisionContent content);

// Writes its file. An id that came from the clock moves on to the next second where two commands chose the same.
enum class IdOrigin { clock, person };
CreatedRevision write_revision(Project& project, const Graph& graph, NewRevision fresh, IdOrigin origin);

// Hands the file to the post-write hooks and tells the observer how they fared.
void run_hooks(Project& project, const std::string& path);

}  // namespace treering
