// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/update_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

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

}  // namespace

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
