// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/live_schema.h"

#include "treering/schema/canonical.h"

namespace treering {

Collection collection_from_listing(const Document& listed) {
  Collection result;
  result.name = listed.string("name").value_or("");
  result.options = canonical_options(listed.document("options").value_or(Document()));
  return result;
}

void set_listed_indexes(Collection& collection, const std::vector<Document>& listed) {
  collection.indexes.clear();
  collection.indexes.reserve(listed.size());
  for (const Document& index : listed)
    if (auto managed = canonical_index(index, collection.options, IndexSource::listing))
      collection.indexes.push_back(*std::move(managed));
}

}  // namespace treering
