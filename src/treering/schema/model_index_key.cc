// SPDX-License-Identifier: Apache-2.0
// The key of an index: its fields and their kinds.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "treering/base/nearest.h"
#include "treering/base/quote.h"
#include "treering/schema/model_index.h"

namespace treering {
namespace {

constexpr std::size_t kLargestKey = 2048;  // bytes

struct NamedKind {
  std::string_view name;
  IndexKind kind;
};
constexpr std::array<NamedKind, 4> kKinds{{{"text", IndexKind::text},
                                           {"2dsphere", IndexKind::sphere},
                                           {"2d", IndexKind::plane},
                                           {"hashed", IndexKind::hashed}}};

bool is_wildcard(std::string_view field) { return field == "$**" || field.ends_with(".$**"); }

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t dot = std::min(path.find('.', start), path.size());
    parts.push_back(path.substr(start, dot - start));
    start = dot + 1;
  }
  return parts;
}

// References between documents are the one use of names that start with "$".
bool is_reference_part(std::string_view part) { return part == "$id" || part == "$ref" || part == "$db"; }

void require_field_name(const Field& field, IndexKind kind, const ModelPlace& place) {
  const std::string_view name = field.key();
  if (name == "$**" && (kind == IndexKind::text || !field.string())) return;
  if (name == "_fts" || name == "_ftsx")
    throw model_error(place, fmt::format("a field named {} can't be in a key", name),
                      "MongoDB keeps that name for the inside of text indexes");
  const auto parts = parts_of(name);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty())
      throw model_error(place, fmt::format("{} is no name of a field: a part of it is empty", json_quoted(name)),
                        "write it as \"field\" or \"field.inner\"");
    const bool is_allowed = (i > 0 && is_reference_part(parts[i])) ||
                            (i > 0 && i + 1 == parts.size() && is_wildcard(name) && kind == IndexKind::wildcard);
    if (parts[i].front() == '$' && !is_allowed)
      throw model_error(place, fmt::format("{} is no name of a field: it starts with \"$\"", json_quoted(parts[i])),
                        "a wildcard index has the field \"$**\" or \"field.$**\", and 1 or -1");
  }
}

void require_kind(const Field& field, const ModelPlace& place) {
  const auto name = field.string();
  if (!name) {
    const bool is_number = field.number() && field.type() != BSON_TYPE_BOOL;
    if (is_number && *field.number() != 0.0 && !std::isnan(*field.number())) return;
    throw model_error(place, fmt::format("the key of {} is neither a direction nor a kind", json_quoted(field.key())),
                      R"(it is 1, -1, "text", "2dsphere", "2d" or "hashed")");
  }
  if (std::ranges::find(kKinds, *name, &NamedKind::name) != kKinds.end()) return;
  std::vector<std::string> names;
  for (const NamedKind& row : kKinds) names.emplace_back(row.name);
  const std::string near = nearest(*name, names);
  throw model_error(place, fmt::format("there is no index kind {}", json_quoted(*name)),
                    near.empty() ? "the kinds are " + fmt::format("{}", fmt::join(names, ", ")) + ", 1 and -1"
                                 : fmt::format("did you mean \"{}\"?", near));
}

void require_one_kind(const std::vector<Field>& fields, const ModelPlace& place) {
  std::set<std::string> kinds;
  for (const Field& field : fields)
    if (auto name = field.string()) kinds.insert(*std::move(name));
  if (kinds.size() > 1)
    throw model_error(place, fmt::format("{} can't be in one index", fmt::join(kinds, " and ")),
                      "make an index for each of them");
}

// Text fields stand together; what stands beside them is 1 or -1.
void require_text_order(const std::vector<Field>& fields, const ModelPlace& place) {
  int runs = 0;
  bool was_text = false;
  for (const Field& field : fields) {
    const bool is_text = field.string().has_value();
    if (is_text && !was_text) ++runs;
    was_text = is_text;
    if (!is_text && field.integer() != 1 && field.integer() != -1)
      throw model_error(place, fmt::format("{} stands beside text fields and is neither 1 nor -1", field.key()),
                        "give it 1 or -1");
  }
  if (runs > 1)
    throw model_error(place, "its text fields don't stand together", "move the others before or after all of them");
}

void require_order(const std::vector<Field>& fields, IndexKind kind, const ModelPlace& place) {
  const auto of_kind = std::ranges::count_if(fields, [](const Field& field) { return field.string().has_value(); });
  const auto wildcards = std::ranges::count_if(fields, [](const Field& field) { return is_wildcard(field.key()); });
  if (kind == IndexKind::text) require_text_order(fields, place);
  if (kind == IndexKind::hashed && of_kind > 1)
    throw model_error(place, "it hashes more than one field", "hash one field at most");
  if (kind == IndexKind::plane && (of_kind > 1 || !fields.front().string()))
    throw model_error(place, "a 2d field comes first in its index, and is the only one of its kind",
                      "put it first, or use \"2dsphere\"");
  if (kind == IndexKind::wildcard && wildcards > 1)
    throw model_error(place, "it has more than one wildcard", "make an index for each of them");
}

}  // namespace

IndexKind index_kind(const Document& key) {
  const auto fields = key.fields();
  for (const Field& field : fields)
    if (const auto name = field.string())
      for (const NamedKind& row : kKinds)
        if (row.name == *name) return row.kind;
  const bool has_wildcard = std::ranges::any_of(fields, [](const Field& field) { return is_wildcard(field.key()); });
  return has_wildcard ? IndexKind::wildcard : IndexKind::ordered;
}

IndexKind require_index_key(const Document& key, const ModelPlace& place) {
  if (key.empty()) throw model_error(place, "an index without a field", "name the fields that it is on");
  const auto fields = key.fields();
  if (fields.size() == 1 && fields.front().key() == "_id" && fields.front().number())
    throw model_error(place, "MongoDB makes the index on _id by itself", "take it out of __indexes__");
  if (key.bytes().size() > kLargestKey)
    throw model_error(place, "its key takes more than 2048 bytes", "index fewer fields, or such with shorter names");
  const IndexKind kind = index_kind(key);
  std::set<std::string_view> names;
  for (const Field& field : fields) {
    require_kind(field, place);
    require_field_name(field, kind, place);
    if (!names.insert(field.key()).second)
      throw model_error(place, fmt::format("the field {} is in it twice", field.key()), "name each field once");
  }
  require_one_kind(fields, place);
  require_order(fields, kind, place);
  return kind;
}

}  // namespace treering
