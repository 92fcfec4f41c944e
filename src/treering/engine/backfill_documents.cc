// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/backfill_documents.h"

#include "treering/engine/state_fields.h"

namespace treering {
namespace {

// Filters and changes are kept as bytes: the server may not store names that start with a dollar sign.
void add_packed(Document& to, std::string_view name, const Document& value) {
  to.add_binary(name, value.bytes(), BSON_SUBTYPE_BINARY);
}

// REQUIRES: require_backfill_fields(from)
Document unpacked(const Document& from, std::string_view name) {
  const auto field = from.find(name);
  bson_subtype_t subtype{};
  std::uint32_t size = 0;
  const std::uint8_t* data = nullptr;
  bson_iter_binary(&field->iter(), &subtype, &size, &data);
  return Document::from_bytes({data, size});
}

}  // namespace

Document document_of(const BackfillJob& job) {
  Document document;
  document.add("_id", job.id).add("collection", job.collection).add("uuid", job.uuid);
  document.add("key", job.key).add("batch", job.batch);
  add_packed(document, "filter", job.filter);
  add_packed(document, "change", job.change);
  document.add("n", std::int64_t{0}).add("ended", false);
  if (job.total) document.add("total", *job.total);
  return document;
}

BackfillJob job_from(const Document& document) {
  // A guess would be at worst a filter that means every document.
  require_backfill_fields(document);
  BackfillJob job;
  job.id = *document.string("_id");
  job.collection = *document.string("collection");
  job.uuid = document.string("uuid").value_or("");
  job.key = *document.string("key");
  job.filter = unpacked(document, "filter");
  job.change = unpacked(document, "change");
  job.batch = *document.integer("batch");
  job.total = document.integer("total");
  return job;
}

std::string job_id(const std::string& name, const std::string& uuid) { return name + ":" + uuid; }

std::string_view job_name(std::string_view id) { return id.substr(0, id.rfind(':')); }

Document range_id(const std::string& job, std::int64_t number) { return Document().add("job", job).add("n", number); }

Document ranges_of(const std::string& job) { return Document().add("_id.job", job); }

BackfillRange range_from(const Document& document) {
  require_range_fields(document);
  BackfillRange range;
  range.id = document.document("_id").value_or(Document());
  range.keys.from = *document.document("from");
  range.keys.to = *document.document("to");
  if (document.boolean("with_from").value_or(false)) range.keys.start = RangeStart::with;
  return range;
}

}  // namespace treering
