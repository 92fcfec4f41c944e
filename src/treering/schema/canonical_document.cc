// SPDX-License-Identifier: Apache-2.0
// Numbers in one spelling, and the documents that need no more than that.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "treering/schema/canonical.h"
#include "treering/schema/canonical_fields.h"

namespace treering {
namespace {

void add_whole(Document& to, std::string_view key, std::int64_t value) {
  const bool small =
      value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max();
  if (small) {
    to.add(key, static_cast<std::int32_t>(value));
  } else {
    to.add(key, value);
  }
}

void add_double(Document& to, std::string_view key, const Field& field) {
  const double value = *field.number();
  if (std::isnan(value)) {  // of which there are many, with and without a sign
    to.add(key, std::numeric_limits<double>::quiet_NaN());
    return;
  }
  const auto whole = field.integer();
  if (whole && value == std::trunc(value)) return add_whole(to, key, *whole);
  to.add(key, value);
}

}  // namespace

void add_canonical(Document& to, std::string_view key, const Field& value) {
  switch (value.type()) {
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64:
      return add_whole(to, key, *value.integer());
    case BSON_TYPE_DOUBLE:
      return add_double(to, key, value);
    case BSON_TYPE_DOCUMENT:
      to.add(key, canonical_numbers(*value.document()));
      return;
    case BSON_TYPE_ARRAY:
      to.add_array(key, canonical_numbers(*value.document()));
      return;
    default:
      to.add(key, value);
  }
}

std::vector<Field> fields_by_name(const Document& document) {
  std::vector<Field> fields = document.fields();
  // Not a stable sort: the buffer that libstdc++ takes for that isn't aligned as a Field (libbson's iterator) asks for.
  // Of two fields of one name the first stays first.
  std::ranges::sort(fields, {}, [](const Field& field) { return std::pair(field.key(), field.iter().off); });
  return fields;
}

Document canonical_numbers(const Document& document) {
  Document result;
  for (const Field& field : document.fields()) add_canonical(result, field.key(), field);
  return result;
}

Document canonical_shard_key(const Document& shard_key) {
  Document result;
  const auto key = shard_key.document("key");
  if (!key || key->empty()) return result;
  result.add("key", canonical_numbers(*key));
  if (shard_key.boolean("unique").value_or(false)) result.add("unique", true);
  return result;
}

Document canonical_data(const Document& document) {
  const auto id = document.find("_id");
  const auto fields = document.fields();
  if (!id || fields.front().key() == "_id") return document;
  Document result;
  result.add(*id);
  for (const Field& field : fields)
    if (field.key() != "_id") result.add(field);
  return result;
}

}  // namespace treering
