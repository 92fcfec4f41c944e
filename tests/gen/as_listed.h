// SPDX-License-Identifier: Apache-2.0
// What mongod lists of a canonical schema, after its manual: with everything that it adds, fields in another order and
// numbers in whatever type a client may have sent.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gen/any_value.h"
#include "gen/chance.h"
#include "gen/schema_sketch.h"
#include "treering/base/document.h"
#include "treering/schema/live_schema.h"
#include "treering/schema/model_index.h"
#include "treering/schema/schema.h"

namespace treering {

// The same numbers, each in any BSON type that holds it.
inline Document retyped(const Document& document, Chance& chance) {
  Document result;
  for (const Field& field : document.fields()) {
    if (field.is_document()) {
      result.add(field.key(), retyped(*field.document(), chance));
    } else if (field.is_array()) {
      result.add_array(field.key(), retyped(*field.document(), chance));
    } else if (field.type() == BSON_TYPE_INT32 || field.type() == BSON_TYPE_INT64) {
      add_any_number(result, field.key(), *field.integer(), chance);
    } else {
      result.add(field);
    }
  }
  return result;
}

inline Document reversed(const Document& document) {
  Document result;
  auto fields = document.fields();
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) result.add(*field);
  return result;
}

// Every field, as ICU has it for the locale.
inline Document filled_collation(const Document& collation) {
  const std::string locale = collation.string("locale").value_or("");
  Document defaults = Document::from_json(R"({"caseLevel": false, "caseFirst": "off", "strength": 3,
      "numericOrdering": false, "alternate": "non-ignorable", "maxVariable": "punct", "normalization": false,
      "backwards": false})");
  if (locale == "da") defaults = replaced(defaults, "caseFirst", Document().add("caseFirst", "upper"));
  if (locale == "fr_CA") defaults = replaced(defaults, "backwards", Document().add("backwards", true));
  if (locale == "th") defaults = replaced(defaults, "alternate", Document().add("alternate", "shifted"));
  if (locale == "th" || locale == "vi")
    defaults = replaced(defaults, "normalization", Document().add("normalization", true));
  Document result;
  result.add("locale", locale);
  for (const Field& field : defaults.fields()) {
    const auto own = collation.find(field.key());
    result.add(own ? *own : field);
  }
  return result.add("version", "57.1");
}

inline Document listed_timeseries(const Document& timeseries) {
  Document result = timeseries;
  if (timeseries.has("bucketMaxSpanSeconds")) return result;
  const std::string granularity = timeseries.string("granularity").value_or("seconds");
  const std::map<std::string, int> spans{{"seconds", 3600}, {"minutes", 86400}, {"hours", 2592000}};
  if (!timeseries.has("granularity")) result.add("granularity", granularity);
  return result.add("bucketMaxSpanSeconds", spans.at(granularity));
}

inline Document listed_options(const Document& options) {
  Document result;
  for (const Field& option : options.fields()) {
    const std::string_view name = option.key();
    if (name == "collation") {
      result.add(name, filled_collation(*option.document()));
    } else if (name == "timeseries") {
      result.add(name, listed_timeseries(*option.document()));
    } else if (name == "clusteredIndex") {
      Document clustered = Document().add("v", 2).add_all(*option.document());
      if (!clustered.has("name")) clustered.add("name", "_id_");
      result.add(name, clustered);
    } else {
      result.add(option);
    }
  }
  if (options.has("validator") && !options.has("validationLevel")) result.add("validationLevel", "strict");
  if (options.has("validator") && !options.has("validationAction")) result.add("validationAction", "error");
  if (options.has("viewOn") && !options.has("pipeline")) result.add_array("pipeline", Document());
  return result;
}

// One document of listCollections.
inline Document listed_collection(const Collection& collection, Chance& chance) {
  const char* type = collection.is_view() ? "view" : collection.is_timeseries() ? "timeseries" : "collection";
  Document result;
  result.add("name", collection.name).add("type", type);
  result.add("options", retyped(reversed(listed_options(collection.options)), chance));
  result.add(
      "info",
      Document::from_json(
          R"({"readOnly": false, "uuid": {"$binary": {"base64": "AAECAwQFBgcICQoLDA0ODw==", "subType": "04"}}})"));
  return result.add("idIndex", Document::from_json(R"({"v": 2, "key": {"_id": 1}, "name": "_id_"})"));
}

// {"_fts": "text", "_ftsx": 1} in the place of the text fields, which become weights.
inline void add_stored_text(Document& to, const Index& index, Document& settings) {
  std::map<std::string, std::int32_t> weights;
  Document key;
  const Document canonical = *index.spec.document("key");
  for (const Field& field : canonical.fields()) {
    if (field.string() != "text") {
      key.add(field);
      continue;
    }
    if (weights.empty()) key.add("_fts", "text").add("_ftsx", 1);
    weights.emplace(field.key(), 1);
  }
  const Document heavier = settings.document("weights").value_or(Document());
  for (const Field& weight : heavier.fields())
    weights[std::string(weight.key())] = static_cast<std::int32_t>(*weight.integer());
  Document all;
  for (const auto& [name, weight] : weights) all.add(name, weight);
  to.add("key", key);
  settings = replaced(settings, "weights", Document().add("weights", all));
  if (!settings.has("default_language")) settings.add("default_language", "english");
  if (!settings.has("language_override")) settings.add("language_override", "language");
  settings.add("textIndexVersion", 3);
}

inline Document listed_index(const Index& index, const Document& options, Chance& chance) {
  Document result;
  result.add("v", 2);
  const Document key = *index.spec.document("key");
  const IndexKind kind = index_kind(key);
  Document settings = index.options();
  const auto own = settings.document("collation");
  const auto collation = own ? own : options.document("collation");
  settings = replaced(settings, "collation");
  if (collation && collation->string("locale") != "simple") settings.add("collation", filled_collation(*collation));
  if (kind == IndexKind::text) {
    add_stored_text(result, index, settings);
  } else {
    result.add("key", key);
  }
  if (kind == IndexKind::sphere) settings.add("2dsphereIndexVersion", 3);
  if (kind == IndexKind::plane) {
    if (!settings.has("bits")) settings.add("bits", 26);
    if (!settings.has("min")) settings.add("min", -180.0);
    if (!settings.has("max")) settings.add("max", 180.0);
  }
  for (const char* flag : {"sparse", "unique"})
    if (!settings.has(flag) && chance.percent(10)) settings.add(flag, false);
  if (chance.percent(10)) settings.add("background", true);
  if (chance.percent(10)) settings.add("ns", "app.c");
  return retyped(result.add("name", index.name()).add_all(reversed(settings)), chance);
}

// The documents of listIndexes, those that the server makes by itself included.
inline std::vector<Document> listed_indexes(const Collection& collection, Chance& chance) {
  std::vector<Document> result;
  if (collection.is_view()) return result;
  const auto timeseries = collection.options.document("timeseries");
  if (collection.options.has("clusteredIndex")) {
    result.push_back(
        Document::from_json(R"({"v": 2, "key": {"_id": 1}, "name": "_id_", "unique": true, "clustered": true})"));
  } else if (!timeseries) {
    result.push_back(Document::from_json(R"({"v": 2, "key": {"_id": 1}, "name": "_id_"})"));
  } else if (const auto meta = timeseries->string("metaField")) {
    const std::string time = *timeseries->string("timeField");
    Document own;
    own.add("v", 2).add("key", Document().add(*meta, 1).add(time, 1)).add("name", *meta + "_1_" + time + "_1");
    result.push_back(std::move(own));
  }
  for (const Index& index : collection.indexes) result.push_back(listed_index(index, collection.options, chance));
  return result;
}

// The whole schema read back from its listing. Initial data and shard keys are asked elsewhere: they are taken over.
inline Schema read_back(const Schema& schema, Chance& chance) {
  std::vector<Collection> live;
  for (const Collection& collection : schema.collections()) {
    Collection read = collection_from_listing(listed_collection(collection, chance));
    set_listed_indexes(read, listed_indexes(collection, chance));
    read.data = collection.data;
    read.shard_key = collection.shard_key;
    live.push_back(std::move(read));
  }
  return Schema(std::move(live));
}

}  // namespace treering
