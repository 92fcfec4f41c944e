// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/schema.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "treering/schema/documents_by_id.h"

namespace treering {
namespace {

// As much as two values can differ without being different: numbers by value, documents field by field.
bool same_bytes(const Field& a, const Field& b) {
  if (a.type() != b.type()) return false;
  Document left;
  Document right;
  left.add("", a);
  right.add("", b);
  return left == right;
}

bool is_number(bson_type_t type) {
  return type == BSON_TYPE_INT32 || type == BSON_TYPE_INT64 || type == BSON_TYPE_DOUBLE;
}

// Integers as integers: two that differ past 2^53 aren't one number.
bool same_number(const Field& a, const Field& b) {
  if (a.type() != BSON_TYPE_DOUBLE && b.type() != BSON_TYPE_DOUBLE) return a.integer() == b.integer();
  if (a.type() == BSON_TYPE_DOUBLE && b.type() == BSON_TYPE_DOUBLE)
    return *a.number() == *b.number() || (std::isnan(*a.number()) && std::isnan(*b.number()));
  return a.integer() == b.integer() && a.integer() && *a.number() == *b.number();
}

}  // namespace

std::string_view Index::name() const {
  const auto field = spec.find("name");
  if (!field || field->type() != BSON_TYPE_UTF8) return {};
  std::uint32_t size = 0;
  const char* text = bson_iter_utf8(&field->iter(), &size);
  return {text, size};
}

Document Index::key() const {
  if (written_key) return *written_key;
  return spec.document("key").value_or(Document());
}

Document Index::options() const {
  Document result;
  for (const Field& field : spec.fields())
    if (field.key() != "key" && field.key() != "name") result.add(field);
  return result;
}

const Index* Collection::find_index(std::string_view index_name) const {
  const auto found = std::ranges::find(indexes, index_name, &Index::name);
  return found == indexes.end() ? nullptr : &*found;
}

bool operator==(const Collection& a, const Collection& b) {
  if (a.name != b.name || a.options != b.options || a.shard_key != b.shard_key) return false;
  if (a.indexes.size() != b.indexes.size() || a.data.size() != b.data.size()) return false;
  // Equal as sets: of equal sizes, and no two of one have the same name.
  const bool same_indexes = a.indexes == b.indexes || std::ranges::all_of(a.indexes, [&](const Index& index) {
                              const Index* other = b.find_index(index.name());
                              return other != nullptr && *other == index;
                            });
  if (!same_indexes) return false;
  const DocumentsById others(b.data);
  return std::ranges::all_of(a.data, [&](const Document& document) { return others.holds(document); });
}

Schema::Schema(std::vector<Collection> collections) : collections_(std::move(collections)) {
  places_.reserve(collections_.size());
  for (std::size_t i = 0; i < collections_.size(); ++i) places_.emplace(collections_[i].name, i);
}

Schema& Schema::operator=(Schema other) noexcept {
  // Moving a vector leaves its items where they are, so the names that the places refer to stay valid.
  collections_ = std::move(other.collections_);
  places_ = std::move(other.places_);
  return *this;
}

const Collection* Schema::find(std::string_view name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &collections_[found->second];
}

bool operator==(const Schema& a, const Schema& b) {
  return a.collections_.size() == b.collections_.size() &&
         std::ranges::all_of(a.collections_, [&](const Collection& c) {
           const Collection* other = b.find(c.name);
           return other != nullptr && *other == c;
         });
}

bool same_value(const Field& a, const Field& b) {
  if (is_number(a.type()) && is_number(b.type())) return same_number(a, b);
  if (a.type() != b.type()) return false;
  if (a.is_document() || a.is_array()) return same_document(*a.document(), *b.document());
  return same_bytes(a, b);
}

bool same_document(const Document& a, const Document& b) {
  if (a == b) return true;
  const auto left = a.fields();
  const auto right = b.fields();
  return std::ranges::equal(left, right,
                            [](const Field& x, const Field& y) { return x.key() == y.key() && same_value(x, y); });
}

}  // namespace treering
