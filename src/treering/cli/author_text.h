// SPDX-License-Identifier: Apache-2.0
// What the commands that write revisions have in common: their options, and their words, which are the guides'.
#pragma once

#include <string>

#include "treering/cli/json.h"
#include "treering/cli/verbs.h"
#include "treering/engine/author.h"

namespace treering {

NewRevisionOptions new_revision_options(const Options& options);

// "🔨 Creating new revision: add wallet"
void announce(Output& output, const std::string& what, const std::string& message);

// "✓ Created revision: 20241210150000_add_wallet.py", its id and its path.
void print_created(Output& output, const CreatedRevision& created, const std::string& what);

// Opens a file of the project, by its path relative to the root.
void open_editor(Session& session, OpenProject& project, const std::string& path);

// The end of a command that wrote a revision: opens it where --edit asks for that, and prints the document. Gives the
// exit code. Where the editor fails, the file is there all the same, and the error says so.
int finish_written(Session& session, OpenProject& project, const CreatedRevision& created, Json document);

}  // namespace treering
