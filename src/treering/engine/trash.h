// SPDX-License-Identifier: Apache-2.0
// Dropped collections are kept: a drop is a rename into the trash, and the name there says all there is to know, so
// that no catalog can disagree with it:
//   treering_trash.<milliseconds since 1970>-<number>.<u|d|x>.<revision>.<collection>
// Pure but for `list_trash`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "treering/engine/port/database.h"
#include "treering/history/plan.h"
#include "treering/schema/operation.h"

namespace treering {

inline constexpr std::string_view kTrashPrefix = "treering_trash.";

enum class Drops { kept, for_good };  // renamed into the trash, or not
constexpr Drops drops_with(bool trash) { return trash ? Drops::kept : Drops::for_good; }

struct Trashed {
  std::string name;        // in the trash
  std::string collection;  // as it was called; of a name too long for the trash its start, "~" and a checksum of all
  std::int64_t dropped_ms = 0;
  std::string revision;  // whose code dropped it; "" outside of a revision
  Direction direction = Direction::upgrade;
  // An attempt at that revision was undone, and had made the collection; nobody dropped it. It has no direction then.
  bool undone = false;
  friend bool operator==(const Trashed&, const Trashed&) = default;
};

// `number` keeps apart what one attempt drops in one millisecond. Throws Error(Kind::usage) where database and name
// together would be longer than a server's namespace (255 bytes; MongoDB manual, "Naming Restrictions").
std::string trash_name(const std::string& database, const Trashed& what, std::int64_t number);

// Whether the upgrade of that revision dropped it, and its downgrade may want it back.
inline bool is_dropped_by_upgrade(const Trashed& what, std::string_view revision) {
  return !what.undone && what.direction == Direction::upgrade && what.revision == revision;
}

// Whether that collection is the one that was dropped.
bool is_of(const Trashed& trashed, const std::string& collection);

// Whether a collection of that type (as listCollections says it) can be kept in the trash: a view holds nothing, and a
// server renames no time-series collection.
bool can_be_kept(std::string_view type, std::string_view name);

// What it was called; nothing where the trash knows only the start of that.
std::optional<std::string> whole_name(const Trashed& trashed);

// Nothing where the name is no such name.
std::optional<Trashed> trashed_from(std::string_view name);

// As schema/operation.h's describe, but a move into the trash is a drop, and one out of it brings the collection back.
// Where the operation is on another database than `own`, that is named: "drop collection users in archive".
std::string describe_change(const Operation& operation, const std::string& own);

// What the trash of a database holds, newest first.
std::vector<Trashed> list_trash(Connection& connection, const std::string& database);

}  // namespace treering
