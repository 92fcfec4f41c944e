// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/documents_by_id.h"

#include "treering/schema/canonical.h"
#include "treering/schema/schema.h"

namespace treering {

std::string id_key(const Field& id) {
  const Document canonical = canonical_numbers(Document().add("", id));
  const auto bytes = canonical.bytes();
  return {bytes.begin(), bytes.end()};
}

DocumentsById::DocumentsById(const std::vector<Document>& documents) {
  documents_.reserve(documents.size());
  for (const Document& document : documents)
    if (const auto id = document.find("_id")) documents_.emplace(id_key(*id), &document);
}

const Document* DocumentsById::find(const Field& id) const {
  const auto found = documents_.find(id_key(id));
  return found == documents_.end() ? nullptr : found->second;
}

bool DocumentsById::holds(const Document& document) const {
  const auto id = document.find("_id");
  const Document* other = id ? find(*id) : nullptr;
  return other != nullptr && same_document(*other, document);
}

}  // namespace treering
