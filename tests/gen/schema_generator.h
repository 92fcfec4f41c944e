// SPDX-License-Identifier: Apache-2.0
// Random schemas of everything that MongoDB has, and other versions of a given one; always valid models. One seed is
// one sequence of them: print it where a law fails.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "gen/any_value.h"
#include "gen/chance.h"
#include "gen/index_generator.h"
#include "gen/schema_sketch.h"

namespace treering {

struct SchemaKnobs {
  Taker taker = Taker::any_server;
  std::size_t most_collections = 5;
  std::size_t most_indexes = 5;
};

class SchemaGenerator {
 public:
  explicit SchemaGenerator(std::uint64_t seed, SchemaKnobs knobs = {})
      : chance_(seed), indexes_(chance_, knobs.taker), knobs_(knobs) {}

  SchemaSketch any() {
    SchemaSketch result;
    for (std::size_t i = chance_.below(knobs_.most_collections + 1); i > 0; --i) add_model(result);
    return result;
  }

  // Another version: some changes of every kind, now and then none.
  SchemaSketch mutated(SchemaSketch schema) {
    for (std::size_t i = chance_.below(6); i > 0; --i) change(schema);
    return schema;
  }

 private:
  bool for_test_server() const { return knobs_.taker == Taker::test_server; }

  std::string free_name(const SchemaSketch& schema) {
    static const std::vector<std::string> kNames{
        "wallet", "users", "audit.log", "with space", "quo'te\"d", "\xF0\x9F\x8C\xB2", std::string(150, 'c'), "_user"};
    std::set<std::string> taken;
    for (const ModelSketch& model : schema.models) taken.insert(model.name);
    std::string name = chance_.one_of(kNames);
    while (taken.contains(name)) name = chance_.one_of(kNames) + std::to_string(chance_.below(1000));
    return name;
  }

  void add_model(SchemaSketch& schema) {
    ModelSketch model;
    model.name = free_name(schema);
    if (chance_.percent(12)) {
      schema.models.push_back(view_of(schema, std::move(model)));
      return;
    }
    model.options = any_options();
    // What changes documents later has no way on capped collections and time series of every server.
    const bool takes_data = !for_test_server() || (!model.options.has("capped") && !model.options.has("timeseries"));
    if (takes_data && chance_.percent(40))
      for (std::size_t i = 1 + chance_.below(3); i > 0; --i) add_data(model);
    for (std::size_t i = chance_.below(knobs_.most_indexes + 1); i > 0; --i) indexes_.add_to(model);
    if (!for_test_server() && chance_.percent(10)) model.shard_key = any_shard_key();
    schema.models.push_back(std::move(model));
  }

  Document any_shard_key() {
    Document result;
    if (chance_.percent(50)) return result.add("key", Document().add("uid", "hashed"));
    Document key;
    add_any_number(key, "uid", 1, chance_);
    result.add("key", key.add("at", 1));
    return chance_.percent(50) ? result.add("unique", chance_.percent(50)) : result;
  }

  ModelSketch view_of(const SchemaSketch& schema, ModelSketch view) {
    std::vector<std::string> sources{"elsewhere"};
    for (const ModelSketch& model : schema.models)
      if (!model.options.has("viewOn") && !model.options.has("collation")) sources.push_back(model.name);
    view.options.add("viewOn", chance_.one_of(sources));
    if (chance_.percent(80)) view.options.add_array("pipeline", any_pipeline());
    if (!for_test_server() && chance_.percent(20)) view.options.add("collation", any_collation(chance_));
    return view;
  }

  std::vector<Document> any_pipeline() {
    std::vector<Document> stages;
    if (chance_.percent(70)) {
      Document condition;
      add_any_number(condition, "$gte", static_cast<std::int64_t>(chance_.below(5)), chance_);
      stages.push_back(Document().add("$match", Document().add("n", condition)));
    }
    if (chance_.percent(50)) stages.push_back(Document::from_json(R"({"$project": {"a.b": 1.0, "quo'te": true}})"));
    return stages;
  }

  Document any_options() {
    Document options;
    const std::size_t kind = chance_.below(10);
    if (kind == 0) {
      add_capped(options);
    } else if (kind == 1) {
      return timeseries_options();
    } else if (kind == 2) {
      Document clustered = Document::from_json(R"({"key": {"_id": 1}, "unique": true})");
      if (chance_.percent(40)) clustered.add("name", "by \"id\"");
      options.add("clusteredIndex", clustered);
      if (chance_.percent(40)) add_any_number(options, "expireAfterSeconds", 86400, chance_);
    }
    if (chance_.percent(20)) options.add("collation", any_collation(chance_));
    if (chance_.percent(25)) options.add("validator", any_validator());
    if (chance_.percent(15)) options.add("validationLevel", chance_.one_of({"strict", "moderate", "off"}));
    if (chance_.percent(15)) options.add("validationAction", chance_.one_of({"error", "warn"}));
    if (kind > 2 && chance_.percent(15))
      options.add("changeStreamPreAndPostImages", Document().add("enabled", chance_.percent(70)));
    if (chance_.percent(5))
      options.add("storageEngine", Document::from_json(R"({"wiredTiger": {"configString": ""}})"));
    return options;
  }

  void add_capped(Document& options) {
    options.add("capped", true);
    // Servers round sizes each in their own way; those they leave alone are the same everywhere.
    const std::int64_t size = for_test_server() ? 4096 * (1 + static_cast<std::int64_t>(chance_.below(8)))
                                                : static_cast<std::int64_t>(chance_.below(100000));
    add_any_number(options, "size", size, chance_);
    if (chance_.percent(50)) add_any_number(options, "max", 1 + static_cast<std::int64_t>(chance_.below(100)), chance_);
  }

  Document timeseries_options() {
    Document timeseries;
    timeseries.add("timeField", "ts");
    if (chance_.percent(70)) timeseries.add("metaField", "meta");
    if (chance_.percent(60)) {
      timeseries.add("granularity", chance_.one_of({"seconds", "minutes", "hours"}));
    } else if (!for_test_server() && chance_.percent(50)) {
      add_any_number(timeseries, "bucketMaxSpanSeconds", 7200, chance_);
      add_any_number(timeseries, "bucketRoundingSeconds", 7200, chance_);
    }
    Document options;
    options.add("timeseries", timeseries);
    if (chance_.percent(50)) add_any_number(options, "expireAfterSeconds", 3600, chance_);
    return options;
  }

  // Such as every generated document passes.
  Document any_validator() {
    static const std::vector<std::string> kValidators{
        R"({"$jsonSchema": {"bsonType": "object", "required": ["_id"], "properties": {"n": {"minimum": 0.0}}}})",
        R"({"never": {"$exists": false}})",
        R"({"_id": {"$exists": true}, "$or": [{"x": {"$exists": false}}, {"x": {"$gte": 0.5}}]})"};
    return Document::from_json(chance_.one_of(kValidators));
  }

  // Fields of documents have names of their own, so that no index or validator minds them.
  Document any_document(const ModelSketch& model, const Document& id) {
    Document result;
    if (chance_.percent(20)) result.add("d_first", 1);
    result.add(*id.find("_id"));
    if (const auto time = model.options.string("timeseries.timeField")) result.add(*time, Date{1733800000000});
    for (std::size_t i = chance_.below(4); i > 0; --i) {
      Document field;
      add_any_value(field, "d_" + any_word(chance_) + std::to_string(i), chance_);
      // The test server's expressions find no MinKey equal to itself, and whole documents are compared by $expr.
      const std::string json = for_test_server() ? field.json() : "";
      if (json.find("$minKey") == std::string::npos && json.find("$maxKey") == std::string::npos) result.add_all(field);
    }
    return result;
  }

  void add_data(ModelSketch& model) {
    const bool has_unique = std::ranges::any_of(
        model.indexes, [](const Document& index) { return index.boolean("unique").value_or(false); });
    if (has_unique && !model.data.empty()) return;
    Document id;
    switch (chance_.below(4)) {
      case 0:
        id.add("_id", any_word(chance_) + std::to_string(chance_.below(100000)));
        break;
      case 1:
        add_any_number(id, "_id", static_cast<std::int64_t>(chance_.below(100000)), chance_);
        break;
      case 2:
        add_object_id(id, "_id", chance_);
        break;
      default: {
        Document inner;
        add_any_number(inner, "k", static_cast<std::int64_t>(chance_.below(100000)), chance_);
        id.add("_id", inner);
      }
    }
    const bool is_taken = std::ranges::any_of(
        model.data, [&](const Document& other) { return same_value(*other.find("_id"), *id.find("_id")); });
    if (!is_taken) model.data.push_back(any_document(model, id));
  }

  void change(SchemaSketch& schema) {
    if (schema.models.empty() || chance_.percent(15)) return add_model(schema);
    const std::size_t place = chance_.below(schema.models.size());
    if (chance_.percent(12)) {
      schema.models.erase(schema.models.begin() + static_cast<std::ptrdiff_t>(place));
      return;
    }
    ModelSketch& model = schema.models[place];
    if (model.options.has("viewOn")) {
      Document pipeline;
      pipeline.add_array("pipeline", any_pipeline());
      model.options = replaced(model.options, "pipeline", pipeline);
    } else if (chance_.percent(50)) {
      change_indexes(model);
    } else if (chance_.percent(50)) {
      change_options(model);
    } else {
      change_data(model);
    }
  }

  void change_indexes(ModelSketch& model) {
    if (model.indexes.empty() || chance_.percent(25)) {
      indexes_.add_to(model);
      return;
    }
    const std::size_t place = chance_.below(model.indexes.size());
    Document& index = model.indexes[place];
    Document setting;
    switch (chance_.below(5)) {
      case 0:
        model.indexes.erase(model.indexes.begin() + static_cast<std::ptrdiff_t>(place));
        return;
      case 1:
        index = replaced(index, "name", setting.add("name", "renamed_" + std::to_string(chance_.below(100000))));
        return;
      case 2:
        index = replaced(index, "hidden", setting.add("hidden", chance_.percent(50)));
        return;
      case 3:
        if (!index.has("expireAfterSeconds")) return;
        add_any_number(setting, "expireAfterSeconds", 60 * static_cast<std::int64_t>(chance_.below(100)), chance_);
        index = replaced(index, "expireAfterSeconds", setting);
        return;
      default:
        change_unique(model, index);
    }
  }

  void change_unique(const ModelSketch& model, Document& index) {
    const bool can_be = index_kind(*index.document("key")) == IndexKind::ordered && model.data.size() < 2 &&
                        !model.options.has("timeseries");
    if (can_be) index = replaced(index, "unique", Document().add("unique", chance_.percent(70)));
  }

  void change_options(ModelSketch& model) {
    if (model.options.has("timeseries")) return;
    Document setting;
    const char* name = chance_.one_of(
        {"validator", "validationLevel", "validationAction", "changeStreamPreAndPostImages", "size", "collation"});
    const std::string option = name;
    if (option == "validator" && chance_.percent(70)) setting.add(option, any_validator());
    if (option == "validationLevel") setting.add(option, chance_.one_of({"strict", "moderate", "off"}));
    if (option == "validationAction") setting.add(option, chance_.one_of({"error", "warn"}));
    if (option == "changeStreamPreAndPostImages") setting.add(option, Document().add("enabled", chance_.percent(50)));
    if (option == "size") {
      if (!model.options.has("capped") || for_test_server()) return;
      setting.add(option, 4096 * (1 + static_cast<std::int32_t>(chance_.below(10))));
    }
    if (option == "collation") {
      // One that is there stays: text and 2d indexes beside it say what they are by it.
      if (!model.options.has(option) || for_test_server()) return;
      setting.add(option, any_collation(chance_));
    }
    model.options = replaced(model.options, option, setting);
  }

  void change_data(ModelSketch& model) {
    if (model.data.empty() || chance_.percent(30)) {
      const bool is_free = !for_test_server() || (!model.options.has("capped") && !model.options.has("timeseries"));
      if (is_free) add_data(model);
      return;
    }
    const std::size_t place = chance_.below(model.data.size());
    if (chance_.percent(40)) {
      model.data.erase(model.data.begin() + static_cast<std::ptrdiff_t>(place));
      return;
    }
    Document id;
    id.add(*model.data[place].find("_id"));
    model.data[place] = any_document(model, id);
  }

  Chance chance_;
  IndexGenerator indexes_;
  SchemaKnobs knobs_;
};

}  // namespace treering
