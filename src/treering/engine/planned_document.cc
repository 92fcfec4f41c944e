// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/planned_document.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace treering {
namespace {

bool is_operator(const Field& value) {
  const Document inner = value.document().value_or(Document());
  const auto first = value.is_document() ? inner.first() : std::nullopt;
  return first && first->key().starts_with('$');
}

bool is_nested(std::string_view name) { return name.find('.') != std::string_view::npos; }

// Fields that can be replaced, in the order in which they came.
class Fields {
 public:
  explicit Fields(const Document& document) {
    for (const Field& field : document.fields()) set(field.key(), field);
  }
  std::optional<Field> find(std::string_view name) const {
    const auto found = at(name);
    return found == fields_.end() ? std::nullopt : found->second.find("");
  }
  void set(std::string_view name, const Field& value) { put(name, Document().add("", value)); }
  void put(std::string_view name, Document holder) {
    const auto found = at(name);
    if (found == fields_.end()) {
      fields_.emplace_back(name, std::move(holder));
    } else {
      fields_[static_cast<std::size_t>(found - fields_.begin())].second = std::move(holder);
    }
  }
  void remove(std::string_view name) {
    std::erase_if(fields_, [&](const auto& field) { return field.first == name; });
  }
  Document document() const {
    Document result;
    for (const auto& [name, holder] : fields_) result.add(name, *holder.find(""));
    return result;
  }

 private:
  using Named = std::vector<std::pair<std::string, Document>>;
  Named::const_iterator at(std::string_view name) const {
    return std::ranges::find_if(fields_, [&](const auto& field) { return field.first == name; });
  }
  Named fields_;
};

bool is_whole(const Field& value) { return value.type() == BSON_TYPE_INT32 || value.type() == BSON_TYPE_INT64; }

// Whole numbers stay whole where both are.
Document computed(std::string_view name, const std::optional<Field>& before, const Field& by) {
  const double zero = 0;
  const bool adds = name == "$inc";
  if (is_whole(by) && (!before || is_whole(*before))) {
    const std::int64_t there = before ? *before->integer() : 0;
    return Document().add("", adds ? there + *by.integer() : there * *by.integer());
  }
  const double there = before ? before->number().value_or(zero) : zero;
  const double change = by.number().value_or(zero);
  return Document().add("", adds ? there + change : there * change);
}

void apply(Fields& fields, std::string_view name, const Field& by, bool inserts) {
  const std::string_view field = by.key();
  if (is_nested(field)) return;
  const auto before = fields.find(field);
  if (name == "$set" || (name == "$setOnInsert" && inserts)) fields.set(field, by);
  if (name == "$unset") fields.remove(field);
  if (name == "$inc" || name == "$mul") fields.put(field, computed(name, before, by));
  if (name != "$min" && name != "$max") return;
  const double there = before ? before->number().value_or(0) : 0;
  const double limit = by.number().value_or(there);
  if (!before || (before->number() && (name == "$min" ? limit < there : limit > there))) fields.set(field, by);
}

}  // namespace

Document begun_by_filter(const Document& id, const Document& filter) {
  Fields fields(id);
  for (const Field& field : filter.fields()) {
    if (field.key().starts_with('$') || is_nested(field.key()) || field.key() == "_id") continue;
    const Document asked = field.document().value_or(Document());
    if (!is_operator(field)) {
      fields.set(field.key(), field);
    } else if (const auto equal = asked.find("$eq")) {
      fields.set(field.key(), *equal);
    }
  }
  return fields.document();
}

Document after_update(const Document& before, const Field& update, bool inserts) {
  if (update.is_array() || !update.is_document()) return before;
  const Document change = *update.document();
  const auto first = change.first();
  if (!first || !first->key().starts_with('$')) {
    Document whole;
    if (const auto id = before.find("_id")) whole.add(*id);
    for (const Field& field : change.fields())
      if (field.key() != "_id") whole.add(field);
    return whole;
  }
  Fields fields(before);
  for (const Field& named : change.fields()) {
    const Document operands = named.document().value_or(Document());
    for (const Field& by : operands.fields()) apply(fields, named.key(), by, inserts);
  }
  return fields.document();
}

Document projected(const Document& document, const Document& projection) {
  bool says_what_stays = false;
  for (const Field& field : projection.fields())
    says_what_stays = says_what_stays || (field.key() != "_id" && field.boolean() != false);
  Document result;
  for (const Field& field : document.fields()) {
    const auto said = projection.find(field.key());
    const bool stays = said ? said->boolean().value_or(false) : !says_what_stays || field.key() == "_id";
    if (stays) result.add(field);
  }
  return result;
}

}  // namespace treering
