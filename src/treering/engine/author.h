// SPDX-License-Identifier: Apache-2.0
// The verbs that write revision files. None asks the database.
#pragma once

#include <string>
#include <vector>

#include "treering/engine/project.h"
#include "treering/engine/report.h"

namespace treering {

struct NewRevisionOptions {
  std::string message;
  std::vector<std::string> head;  // --head: parents as targets; empty: all heads of the files
  bool splice = false;            // --splice: a parent that is no head is fine
  std::vector<std::string> branch_labels;
  std::string rev_id;                   // --rev-id; empty: a timestamp
  std::vector<std::string> depends_on;  // targets; kept as full ids
};

struct CreatedRevision {
  Revision revision;
  std::string created;  // date as in the file
};

// Writes the file of a new revision. Throws Error(Kind::revision | usage | file); then nothing was written.
CreatedRevision create_revision(Project& project, const NewRevisionOptions& options);

// A revision whose parents are the given targets (default: all heads). Throws where fewer than two would be merged,
// or one of them is no head and options.splice isn't set.
CreatedRevision merge_revisions(Project& project, const std::vector<std::string>& targets, NewRevisionOptions options);

}  // namespace treering
