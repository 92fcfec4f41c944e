// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/text_index.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace treering {
namespace {

constexpr std::string_view kStored = "_fts";         // in the place of the text fields
constexpr std::string_view kStoredSecond = "_ftsx";  // always after it

bool is_text(const Field& field) { return field.type() == BSON_TYPE_UTF8 && field.string() == "text"; }

using Weights = std::map<std::string, std::int64_t, std::less<>>;

// Fields of the key weigh 1 where nothing else is said; the weights may name more fields.
Weights weights_of(const Document& key, const std::optional<Field>& weights) {
  Weights result;
  for (const Field& field : key.fields())
    if (is_text(field) && field.key() != kStored) result[std::string(field.key())] = 1;
  if (!weights) return result;
  if (const auto name = weights->string()) result.try_emplace(*name, 1);  // "$**", as a name alone
  const Document listed = weights->is_document() ? *weights->document() : Document();
  for (const Field& field : listed.fields()) result[std::string(field.key())] = field.integer().value_or(1);
  return result;
}

void add_weight(Document& to, const std::string& name, std::int64_t weight) {
  if (weight >= std::numeric_limits<std::int32_t>::min() && weight <= std::numeric_limits<std::int32_t>::max()) {
    to.add(name, static_cast<std::int32_t>(weight));
  } else {
    to.add(name, weight);
  }
}

}  // namespace

bool is_text_key(const Document& key) {
  const auto fields = key.fields();
  return std::ranges::any_of(fields, is_text);
}

TextIndex canonical_text_index(const Document& key, const std::optional<Field>& weights) {
  const Weights all = weights_of(key, weights);
  // A field that stands beside the text fields as well can't stand in the key twice: its weight alone says it.
  const auto is_beside = [&](const std::string& name) {
    const auto fields = key.fields();
    return std::ranges::any_of(fields, [&](const Field& field) { return field.key() == name && !is_text(field); });
  };
  TextIndex result;
  bool are_written = false;
  for (const Field& field : key.fields()) {
    if (!is_text(field)) {
      if (field.key() != kStoredSecond) result.key.add(field);
      continue;
    }
    if (std::exchange(are_written, true)) continue;
    for (const auto& [name, weight] : all)
      if (!is_beside(name)) result.key.add(name, "text");
  }
  for (const auto& [name, weight] : all)
    if (weight != 1 || is_beside(name)) add_weight(result.weights, name, weight);
  return result;
}

}  // namespace treering
