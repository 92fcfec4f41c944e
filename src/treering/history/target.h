// SPDX-License-Identifier: Apache-2.0
// The target grammar, as Alembic's: what a person may write for a revision or a range. Pure.
//
//   target   := symbol | "head" | "heads" | "base" | "current" | steps | symbol steps | label "@" ( "head" | "base" |
//   steps | prefix ) symbol   := full id | unique prefix of an id | branch label steps    := ("+" | "-") digits range
//   := [target] ":" [target]
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "treering/history/graph.h"

namespace treering {

// A parsed target. Parsing looks at no graph.
struct Target {
  std::string text;    // as written
  std::string label;   // before "@"
  std::string symbol;  // after it: "head", "heads", "base", "current", an id, a prefix, a label; "" for bare steps
  std::optional<long> steps;  // signed
};
Target parse_target(std::string_view text);  // throws Error(Kind::revision)

// The revisions that a target names, without steps "+N"/"-N" alone meaning anything (they need what is applied: see
// plan.h). "base" gives the empty list. `applied_heads` gives "current" its meaning. For show, edit, merge, revision
// --head, stamp. Throws Error(Kind::revision): unknown (nearest ids named), ambiguous (candidates named).
std::vector<std::string> resolve(const Graph& graph, std::string_view target,
                                 const std::vector<std::string>& applied_heads, bool strict_heads = false);

// As `resolve`, for exactly one revision. "head" with several heads is ambiguous here, and the heads are named.
std::string resolve_one(const Graph& graph, std::string_view target, const std::vector<std::string>& applied_heads);

// Full id of a symbol: exact id, label, or unique prefix (of any length).
std::string resolve_symbol(const Graph& graph, std::string_view symbol);

// `history -r a:b`: the ids of the range in `Graph::order`, both ends included; either side may be empty. Relative ends
// count from the other end, as in Alembic ("-3:current", "a:+2").
std::vector<std::string> resolve_range(const Graph& graph, std::string_view range,
                                       const std::vector<std::string>& applied_heads);

// Throws Error(Kind::revision) where the text can't be a revision id: empty, "@", "-", "+", ":", white space, path
// separators, quotes, control and hidden characters, "." or "__" at its start, a symbol word ("head", "heads", "base",
// "current"), or longer than 100 bytes.
void require_revision_id(std::string_view id);

// Throws Error(Kind::revision) where the text can't be a branch label, by the rules of an id.
void require_branch_label(std::string_view label);

}  // namespace treering
