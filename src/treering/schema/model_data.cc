// SPDX-License-Identifier: Apache-2.0
// Initial data, and the key by which a cluster spreads it.
#include <fmt/format.h>

#include <array>
#include <string>
#include <unordered_set>

#include "treering/schema/canonical.h"
#include "treering/schema/canonical_fields.h"
#include "treering/schema/model_options.h"
#include "treering/schema/model_settings.h"

namespace treering {
namespace {

// Equal where the values are, numbers by value.
std::string identity_of(const Field& id) {
  Document canonical;
  add_canonical(canonical, "_id", id);
  const auto bytes = canonical.bytes();
  return {bytes.begin(), bytes.end()};
}

std::string shown(const Field& id) {
  Document alone;
  alone.add("_id", id);
  return alone.json();
}

void require_id(const Document& document, const ModelPlace& place) {
  const auto id = document.find("_id");
  if (!id)
    throw model_error(place, "a document of __initial_data__ has no _id: " + document.json(),
                      "give it one: it is what finds the document again when the model changes");
  const bson_type_t type = id->type();
  if (type == BSON_TYPE_ARRAY || type == BSON_TYPE_REGEX || type == BSON_TYPE_UNDEFINED)
    throw model_error(place, "a document of __initial_data__ has an _id of a type that MongoDB refuses: " + shown(*id),
                      "use a string, a number, an ObjectId or a dict");
}

}  // namespace

void require_data(const std::vector<Document>& data, const Document& options, const ModelPlace& place) {
  if (data.empty()) return;
  if (options.has("viewOn"))
    throw model_error(place, "a view can't have __initial_data__", "give it to the collection that the view reads");
  const auto time = options.string("timeseries.timeField");
  std::unordered_set<std::string> identities;
  for (const Document& document : data) {
    require_id(document, place);
    const auto id = document.find("_id");
    if (!identities.insert(identity_of(*id)).second)
      throw model_error(place, "two documents of __initial_data__ have one _id: " + shown(*id),
                        "give each document an _id of its own");
    if (time && !document.date(*time))
      throw model_error(place, fmt::format("a document of __initial_data__ has no date in {}: {}", *time, shown(*id)),
                        "each document of a time series has a date in its timeField");
  }
}

void require_shard_key(const Document& shard_key, const Document& options, const ModelPlace& place) {
  constexpr std::array<Setting, 2> kSettings{{{"key", SettingType::document}, {"unique", SettingType::flag}}};
  if (shard_key.empty()) return;
  require_settings(shard_key, kSettings, "__shard_key__", place);
  const Document key = shard_key.document("key").value_or(Document());
  if (key.empty()) throw model_error(place, "__shard_key__ names no field", "write it as {\"key\": {\"field\": 1}}");
  if (options.has("viewOn"))
    throw model_error(place, "a view can't have a __shard_key__", "give it to the collection that the view reads");
  std::size_t hashed = 0;
  for (const Field& field : key.fields()) {
    const bool is_hashed = field.string() == "hashed";
    if (is_hashed) ++hashed;
    if (!is_hashed && field.number() != 1.0)
      throw model_error(place, fmt::format("__shard_key__ can't have {} that way", field.key()),
                        "each of its fields is 1 or \"hashed\"");
  }
  if (hashed > 1) throw model_error(place, "__shard_key__ hashes more than one field", "hash one field at most");
  if (hashed == 1 && shard_key.boolean("unique").value_or(false))
    throw model_error(place, "a hashed __shard_key__ can't be unique", "drop \"unique\", or hash no field");
}

}  // namespace treering
