// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/preview_query.h"

namespace treering {
namespace {

Document new_id() {
  bson_oid_t oid;
  bson_oid_init(&oid, nullptr);
  return Document().add("_id", oid);
}

}  // namespace

Document upserted_id(const Document& filter, const Document& change) {
  for (const Document* source : {&filter, &change}) {
    const auto id = source->find("_id");
    if (id && !(id->is_document() && id->document()->has("$eq"))) return Document().add(*id);
  }
  return new_id();
}

Document part(const Document& from, const char* name) { return from.document(name).value_or(Document()); }

Query query_of(const Document& statement, const char* filter, bool one) {
  Query query;
  query.filter = part(statement, filter);
  query.collation = part(statement, "collation");
  if (const auto hint = statement.find("hint")) query.hint.add(*hint);
  query.one = one;
  return query;
}

}  // namespace treering
