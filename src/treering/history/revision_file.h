// SPDX-License-Identifier: Apache-2.0
// The text of a revision file and its header. Reads Python literals, never runs Python.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "treering/history/revision.h"

namespace treering {

// Reads the header: module docstring, and the literal assignments to revision, down_revision, branch_labels,
// depends_on, transactional (True or False) at the left margin (annotated ones too: `down_revision: Union[str, None] =
// None`). None, strings (all prefixes and quotes but f and b; adjacent ones joined), tuples and lists of strings,
// parentheses. The header ends at the first `def`, `class`, `async` or decorator at the left margin; of several
// assignments before it the last holds, as in Python. `path` goes into errors and into the result. Gives nothing where
// the text assigns no `revision` (not a revision file). Throws Error(Kind::revision), fields "file" and "line", where
// an assignment isn't literal or of a wrong type, an id or label isn't allowed, or revision is assigned and
// down_revision isn't.
std::optional<Revision> read_header(std::string_view text, const std::string& path);

// True where the header's end (see above) isn't in the text: cut off here, it may hold less than the whole file's
// header. Never throws.
bool header_may_continue(std::string_view text);

// "Add wallet!" -> "add_wallet": ASCII letters and digits in lower case, accents folded where Latin, other scripts kept
// as letters, everything else to one "_", at most `limit` characters, never empty ("revision").
std::string slug_of(std::string_view message, std::size_t limit = 40);

// "20241210120000_add_wallet.py"
std::string file_name_of(std::string_view id, std::string_view message);
// Whether a file's name goes with that id: "<id>.py" or "<id>_....py".
bool name_agrees(std::string_view file_name, std::string_view id);

// Date as "2024-12-10 00:00:00" (UTC) and id as "20241210000000", from milliseconds since 1970.
std::string date_text(std::int64_t ms);
std::string timestamp_id(std::int64_t ms);
// The first free id from that second on.
std::string free_timestamp_id(std::int64_t ms, const std::vector<std::string>& taken);

struct NewRevision {
  std::string id;
  std::vector<std::string> parents;
  std::vector<std::string> labels;
  std::vector<std::string> depends_on;
  std::string message;       // any text, any script, any length
  std::string created;       // date_text
  std::string details;       // further paragraphs of the docstring; may be empty
  std::string upgrade_body;  // Python statements indented by four; empty for `pass`
  std::string downgrade_body;
  std::string imports = {};                // Python import lines; may be empty
  std::optional<bool> transactional = {};  // nothing: as the configuration says
};

// The whole file, in the guide's form. read_header of the result gives the same values back. A blank message becomes
// "empty message". Throws Error(Kind::usage) where the message, the details or a name isn't UTF-8.
std::string render_revision_file(const NewRevision& revision);

}  // namespace treering
