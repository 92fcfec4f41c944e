// SPDX-License-Identifier: Apache-2.0
// Autogenerate's decision: what the models said before, what they say now and what the database has, three ways, become
// the schema that the next revision makes. Pure.
#pragma once

#include <string>
#include <vector>

#include "treering/schema/compare.h"
#include "treering/schema/schema.h"
#include "treering/schema/steps.h"

namespace treering {

struct ProposalRules {
  bool allow_drop_collections = false;
  bool include_unmanaged = false;  // what is in the database and was in no model is removed as well
};

// Something that isn't done, and that a person should know of.
struct Finding {
  enum class Kind {
    unmanaged,        // in the database, in no model, and it never was
    changed_by_hand,  // initial data that somebody changed in the database
    held_back,        // destroys documents: needs --allow-drop-collections
    kept,             // a drop that an earlier revision held back: whoever let it pass wants it so, or drops it later
    not_renamed,      // a model's `__renamed_from__` that can't be followed as things are
    hint,             // perhaps a rename
  };
  Kind kind;
  Difference::What what;
  std::string collection;
  std::string name;  // of the index, option or document; "" for a collection
  std::string text;  // one line: "index users.tmp_debug_1 is in the database and in no model (left alone)"
};
std::string_view to_string(Finding::Kind kind);

struct Proposal {
  Schema from;  // the database as it is
  Schema to;    // as the revision leaves it
  // For the revision's snapshot: the models, but with what wasn't dropped or renamed as it was before, so that the next
  // comparison still knows it.
  Schema snapshot;
  std::vector<Rename> renames;
  std::vector<Difference> changes;  // from -> to; with those held back
  std::vector<Finding> findings;
  std::vector<Paragraph> upgrade;
  std::vector<Paragraph> downgrade;

  // Something is to be written, be it a comment.
  bool has_changes() const { return !upgrade.empty(); }
};

// `snapshot`: what the models said at the heads. `live`: the database; where none is asked (offline), the snapshot
// again.
Proposal propose(const Schema& snapshot, const Schema& models, Schema live, const ProposalRules& rules);

// The lines under "Detected changes:", without their bullets; findings last. `verbose`: every index of its own.
enum class Detail { summary, everything };
std::vector<std::string> summary_lines(const Proposal& proposal, Detail detail);

}  // namespace treering
