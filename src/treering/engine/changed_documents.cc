// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/changed_documents.h"

#include <optional>

namespace treering {
namespace {

// More are not told apart.
constexpr std::size_t kIds = 10000;

bool is_operator(const Field& field) { return field.key().starts_with('$'); }

std::string text_of(const Field& id) { return Document().add("_id", id).canonical_json(); }

bool is_plain(const Field& value) {
  if (value.type() == BSON_TYPE_REGEX) return false;
  if (!value.is_document()) return true;
  const Document inner = *value.document();
  const auto fields = inner.fields();
  return fields.empty() || !is_operator(fields.front());
}

// The _id of the one document that the filter can mean; nothing where it may mean others.
std::optional<std::string> one_id(const Document& filter) {
  const auto id = filter.find("_id");
  return id && is_plain(*id) ? std::optional(text_of(*id)) : std::nullopt;
}

std::string first_part(std::string_view path) { return std::string(path.substr(0, path.find('.'))); }

void add_id(std::set<std::string>& ids, bool& any, const std::optional<std::string>& id) {
  if (id && ids.size() < kIds) {
    ids.insert(*id);
  } else {
    any = true;
  }
}

}  // namespace

void ChangedDocuments::note_removed(const Document& filter) { add_id(ids_, unknown_ids_, one_id(filter)); }

void ChangedDocuments::note_inserted(const Document& document) { note_removed(document); }

void ChangedDocuments::note_updated(const Document& filter, const Field& update) {
  const auto id = one_id(filter);
  changed_.add(update);
  if (id && changed_ids_.size() < kIds) {
    changed_ids_.insert(*id);
  } else {
    changed_without_id_.add(update);
  }
}

void ChangedDocuments::Fields::add(const Field& update) {
  const Document change = update.document().value_or(Document());
  const auto operators = change.fields();
  if (!update.is_document() || operators.empty() || !is_operator(operators.front())) {
    all = true;
    return;
  }
  for (const Field& one : operators) {
    const Document operands = one.document().value_or(Document());
    for (const Field& operand : operands.fields()) {
      names.insert(first_part(operand.key()));
      if (one.key() == "$rename") names.insert(first_part(operand.string().value_or("")));
    }
  }
}

bool ChangedDocuments::Fields::meets(const Document& filter) const {
  if (!all && names.empty()) return false;
  for (const Field& field : filter.fields()) {
    if (field.key() == "$comment") continue;
    if (field.key() == "$and" || field.key() == "$or" || field.key() == "$nor") {
      for (const Document& part : filter.documents(field.key()))
        if (meets(part)) return true;
      continue;
    }
    if (is_operator(field)) return true;  // $expr, $text: of any field
    const std::string name = first_part(field.key());
    if (name != "_id" && (all || names.contains(name))) return true;
  }
  return false;
}

bool ChangedDocuments::may_concern(const Document& filter) const {
  if (unknown_ids_) return true;
  const auto id = one_id(filter);
  if (!ids_.empty() && (!id || ids_.contains(*id))) return true;
  const bool is_another = id && !changed_ids_.contains(*id);
  return (is_another ? changed_without_id_ : changed_).meets(filter);
}

}  // namespace treering
