// SPDX-License-Identifier: Apache-2.0
// What two schemas differ in, as a list for people and programs. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "treering/schema/schema.h"
#include "treering/schema/steps.h"

namespace treering {

struct Difference {
  enum class Kind { added, removed, changed, renamed };
  enum class What { collection, view, index, option, document, shard_key };
  Kind kind;
  What what;
  std::string collection;
  std::string name;    // of the index or option, the _id as Extended JSON, the former name of a renamed collection
  std::string detail;  // of `changed`: how, as "becomes unique (collMod, no rebuild)" or "3600 -> 7200"; may be empty
  friend bool operator==(const Difference&, const Difference&) = default;
};
std::string_view to_string(Difference::Kind kind);
std::string_view to_string(Difference::What what);

// Everything that turns `from` into `to`, collection by collection in the order of `to`, then what is gone in the order
// of `from`. The indexes, data and shard key of a collection that was added or removed as a whole are listed too, after
// it; its options aren't. Empty where from == to. Linear in the sizes of both.
std::vector<Difference> differences(const Schema& from, const Schema& to, const std::vector<Rename>& renames = {});

// One line: "index users.email_1", "option validator of users", "view v", "document {"$oid": ...} of users".
std::string name_of(const Difference& difference);

}  // namespace treering
