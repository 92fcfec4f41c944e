// SPDX-License-Identifier: Apache-2.0
// A revision as its file's header describes it. A plain value.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace treering {

struct Revision {
  std::string id;
  std::vector<std::string> parents;        // down_revision: none for a base, several for a merge; full ids
  std::vector<std::string> depends_on;     // as written: full ids, unique prefixes or labels; Graph resolves them
  std::vector<std::string> labels;         // branch_labels
  std::string message;                     // the docstring's first line that isn't blank
  std::string doc;                         // the whole docstring, as Python would have it (not dedented)
  std::string path;                        // its file; "" where it is known from the database only
  std::optional<bool> transactional = {};  // nothing where the header doesn't say

  friend bool operator==(const Revision&, const Revision&) = default;
};

}  // namespace treering
