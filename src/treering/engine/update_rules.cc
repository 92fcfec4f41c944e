// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/update_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "treering/base/error.h"
#include "treering/base/reply.h"
#include "treering/engine/shadow.h"

namespace treering {
namespace {

constexpr std::array<std::string_view, 15> kOperators = {
    "$addToSet", "$bit",     "$currentDate", "$inc",    "$max", "$min",         "$mul",  "$pop",
    "$pull",     "$pullAll", "$push",        "$rename", "$set", "$setOnInsert", "$unset"};
constexpr std::array<std::string_view, 6> kStages = {"$addFields",   "$project", "$replaceRoot",
                                                     "$replaceWith", "$set",     "$unset"};
// Source: MongoDB's error_codes.yml.
constexpr int kFailedToParse = 9;
constexpr int kInvalidOptions = 72;

void require_operators(const Document& update) {
  const auto fields = update.fields();
  if (fields.empty() || !fields.front().key().starts_with('$')) return;  // a whole document
  for (const Field& field : fields)
    if (std::ranges::find(kOperators, field.key()) == kOperators.end())
      throw ServerError(refusal(kFailedToParse, "FailedToParse",
                                fmt::format("Unknown modifier: {}. Expected a valid update modifier or pipeline-style "
                                            "update specified as an array",
                                            field.key())));
}

void require_stages(const Document& pipeline) {
  for (const Field& item : pipeline.fields()) {
    const Document stage = item.document().value_or(Document());
    const auto fields = stage.fields();
    if (fields.empty() || std::ranges::find(kStages, fields.front().key()) != kStages.end()) continue;
    throw ServerError(refusal(kInvalidOptions, "InvalidOptions",
                              fmt::format("{} is not allowed to be used within an update", fields.front().key())));
  }
}

bool overlap(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (a.size() == b.size() || b[a.size()] == '.');
}

// Whether {$set: {...}}, {$rename: {...}} or a stage names the key.
bool names(const Field& change, std::string_view key) {
  if (const auto field = change.string()) return overlap(*field, key);  // {$unset: "field"}
  const Document named = change.document().value_or(Document());
  for (const Field& field : named.fields()) {
    if (overlap(change.is_array() ? field.string().value_or("") : field.key(), key)) return true;
    if (change.key() == "$rename" && overlap(field.string().value_or(""), key)) return true;
  }
  return false;
}

// A stage that leaves fields out takes the key away where it is one of them; one that says what stays, where it isn't.
bool projects_away(const Field& project, std::string_view key) {
  const Document named = project.document().value_or(Document());
  bool says_what_stays = false;
  bool is_named = false;
  for (const Field& field : named.fields()) {
    if (field.key() == "_id") continue;
    says_what_stays = says_what_stays || field.boolean() != false;
    is_named = is_named || overlap(field.key(), key);
  }
  return says_what_stays ? !is_named : is_named;
}

bool changes(const Field& operation, std::string_view key) {
  if (operation.key() == "$project") return projects_away(operation, key);
  constexpr std::array<std::string_view, 3> kNameNothing = {"$replaceRoot", "$replaceWith", "$setOnInsert"};
  return operation.key().starts_with('$') && std::ranges::find(kNameNothing, operation.key()) == kNameNothing.end() &&
         names(operation, key);
}

}  // namespace

void require_leaves_alone(const Field& update, std::string_view key) {
  const auto inner = update.document();
  if (!inner) return;
  for (const Field& part : inner->fields()) {
    const Document stage = update.is_array() ? part.document().value_or(Document()) : Document().add(part);
    const auto operation = stage.first();
    if (operation && changes(*operation, key))
      throw Error(Kind::usage,
                  fmt::format("a backfill along {} can't change it: it would come to documents again", key),
                  "walk along another key: key=\"_id\" is the usual one");
  }
}

void require_update(const Field& update) {
  const auto inner = update.document();
  if (!inner) return;
  if (update.is_array()) {
    require_stages(*inner);
  } else {
    require_operators(*inner);
  }
}

}  // namespace treering
