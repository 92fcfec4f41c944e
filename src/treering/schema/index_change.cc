// SPDX-License-Identifier: Apache-2.0
// Which changes of an index collMod makes. Source: MongoDB manual, "collMod", "Change Index Options".
#include <algorithm>
#include <array>
#include <string_view>

#include "treering/schema/steps.h"

namespace treering {
namespace {

// What collMod can set, under the conditions below.
constexpr std::array<std::string_view, 4> kModifiable{"expireAfterSeconds", "hidden", "prepareUnique", "unique"};

Document without_modifiable(const Document& spec) {
  Document result;
  for (const Field& field : spec.fields())
    if (std::ranges::find(kModifiable, field.key()) == kModifiable.end()) result.add(field);
  return result;
}

bool is_set(const Index& index, std::string_view name) { return index.spec.boolean(name).value_or(false); }

// An index on one field that isn't of a special kind: only that can be given an expiry later.
bool can_expire(const Index& index) {
  const Document key = index.key();
  const auto fields = key.fields();
  return fields.size() == 1 && fields.front().number() && fields.front().key().find("$**") == std::string_view::npos;
}

}  // namespace

IndexChange index_change(const Index& from, const Index& to) {
  if (from == to) return IndexChange::none;
  if (without_modifiable(from.spec) != without_modifiable(to.spec)) return IndexChange::replace;
  if (is_set(from, "unique") && !is_set(to, "unique")) return IndexChange::replace;
  const bool expires = from.spec.has("expireAfterSeconds");
  const bool shall_expire = to.spec.has("expireAfterSeconds");
  if (expires && !shall_expire) return IndexChange::replace;
  if (!expires && shall_expire && !can_expire(to)) return IndexChange::replace;
  return IndexChange::modify;
}

}  // namespace treering
