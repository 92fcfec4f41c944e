// SPDX-License-Identifier: Apache-2.0
// Random indexes of every kind and option, valid for their collection.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "gen/any_value.h"
#include "gen/chance.h"
#include "gen/schema_sketch.h"
#include "treering/schema/model_index.h"
#include "treering/schema/operation.h"

namespace treering {

// Whether schemas are for the test server, which lacks text and hashed indexes, or for the pure parts alone.
enum class Taker { any_server, test_server };

inline Document any_collation(Chance& chance) {
  Document result;
  result.add("locale", chance.one_of({"en", "fr", "fr_CA", "da", "th", "vi", "de@collation=phonebook"}));
  // 1 leaves no room for what fr_CA and caseFirst mean, 2 none for caseFirst alone.
  const std::int64_t strength = chance.percent(60) ? 2 + static_cast<std::int64_t>(chance.below(4)) : 3;
  if (strength != 3 || chance.percent(30)) add_any_number(result, "strength", strength, chance);
  if (chance.percent(30)) result.add("caseLevel", chance.percent(50));
  if (strength > 2 && chance.percent(30)) result.add("caseFirst", chance.one_of({"off", "upper", "lower"}));
  if (chance.percent(30)) result.add("numericOrdering", chance.percent(50));
  if (chance.percent(20)) result.add("alternate", chance.one_of({"non-ignorable", "shifted"}));
  if (chance.percent(20)) result.add("maxVariable", chance.one_of({"punct", "space"}));
  return result;
}

class IndexGenerator {
 public:
  IndexGenerator(Chance& chance, Taker taker) : chance_(chance), taker_(taker) {}

  // One more index of that collection; gives nothing where chance found none that isn't there.
  bool add_to(ModelSketch& model) {
    Document specification = any_specification(model);
    const Document key = *specification.document("key");
    const bool is_taken = std::ranges::any_of(model.indexes, [&](const Document& other) {
      const Document other_key = *other.document("key");
      const bool are_text = index_kind(key) == IndexKind::text && index_kind(other_key) == IndexKind::text;
      return index_name(other) == index_name(specification) || same_fields(other_key, key) || are_text;
    });
    if (is_taken) return false;
    model.indexes.push_back(std::move(specification));
    return true;
  }

 private:
  // Whatever their directions: servers differ in what makes two indexes one.
  static bool same_fields(const Document& a, const Document& b) {
    const auto left = a.fields();
    const auto right = b.fields();
    return std::ranges::equal(left, right, {}, &Field::key, &Field::key);
  }

  std::string any_field() {
    const std::string field = any_word(chance_);
    if (chance_.percent(20)) return field + "." + any_word(chance_);
    return field;
  }

  void add_direction(Document& key, const std::string& field) {
    if (!key.has(field) && !has_plainly(key, field)) add_any_number(key, field, chance_.percent(70) ? 1 : -1, chance_);
  }

  static bool has_plainly(const Document& key, const std::string& field) {
    const auto fields = key.fields();
    return std::ranges::any_of(fields, [&](const Field& other) { return other.key() == field; });
  }

  Document ordered_key() {
    Document key;
    for (std::size_t i = 1 + chance_.below(3); i > 0; --i) add_direction(key, any_field());
    return key;
  }

  Document text_key() {
    Document key;
    if (chance_.percent(30)) key.add("before", 1);
    if (chance_.percent(20)) return key.add("$**", "text");
    for (std::size_t i = 1 + chance_.below(3); i > 0; --i) {
      const std::string field = any_field();
      if (!has_plainly(key, field)) key.add(field, "text");
    }
    if (chance_.percent(30)) key.add("zafter", -1);
    return key;
  }

  Document any_key(IndexKind kind) {
    Document key;
    switch (kind) {
      case IndexKind::ordered:
        return ordered_key();
      case IndexKind::text:
        return text_key();
      case IndexKind::sphere:
        key.add("place", "2dsphere");
        break;
      case IndexKind::plane:
        key.add("point", "2d");
        break;
      case IndexKind::hashed:
        return key.add(any_field(), "hashed");
      case IndexKind::wildcard:
        return key.add(chance_.one_of({"$**", "attributes.$**"}), 1);
    }
    if (chance_.percent(30)) add_direction(key, "kind");
    return key;
  }

  IndexKind any_kind() {
    if (chance_.percent(55)) return IndexKind::ordered;
    if (taker_ == Taker::test_server) return chance_.one_of({IndexKind::sphere, IndexKind::plane, IndexKind::wildcard});
    return chance_.one_of({IndexKind::text, IndexKind::text, IndexKind::sphere, IndexKind::plane, IndexKind::hashed,
                           IndexKind::wildcard});
  }

  Document any_specification(const ModelSketch& model) {
    const bool is_timeseries = model.options.has("timeseries");
    const IndexKind kind = is_timeseries ? IndexKind::ordered : any_kind();
    const Document key = any_key(kind);
    Document result;
    result.add("key", key);
    if (chance_.percent(30)) result.add("name", any_word(chance_) + "_idx");
    if (chance_.percent(10)) result.add("hidden", chance_.percent(70));
    if (is_timeseries) return result;
    if (kind == IndexKind::ordered) add_ordered_options(result, key, model);
    if (kind == IndexKind::text) add_text_options(result, key);
    if (kind == IndexKind::plane) add_plane_options(result);
    if (kind == IndexKind::wildcard && key.fields().front().key() == "$**" && chance_.percent(50))
      result.add("wildcardProjection", Document::from_json(R"({"b": true, "a.c": 1.0})"));
    add_collation(result, kind, model);
    if (chance_.percent(5)) result.add("background", true);
    return result;
  }

  void add_ordered_options(Document& to, const Document& key, const ModelSketch& model) {
    // Documents without a field all have one value of it: only one of them can stand under a unique index.
    if (model.data.size() < 2 && chance_.percent(20)) to.add("unique", chance_.one_of({true, true, false}));
    if (chance_.percent(15)) {
      to.add("partialFilterExpression", Document::from_json(R"({"n": {"$gt": 5.0}, "b": {"$exists": true}})"));
    } else if (chance_.percent(15)) {
      to.add("sparse", chance_.percent(80));
    }
    if (key.count() == 1 && !model.options.has("capped") && chance_.percent(25))
      add_any_number(to, "expireAfterSeconds", static_cast<std::int64_t>(chance_.below(3) * 3600), chance_);
    if (chance_.percent(5)) to.add("storageEngine", Document::from_json(R"({"wiredTiger": {"configString": ""}})"));
  }

  void add_text_options(Document& to, const Document& key) {
    if (chance_.percent(50)) {
      Document weights;
      add_any_number(weights, "abstract", 1 + static_cast<std::int64_t>(chance_.below(20)), chance_);
      for (const Field& field : key.fields())
        if (field.string() && chance_.percent(50))
          add_any_number(weights, field.key(), 1 + static_cast<std::int64_t>(chance_.below(20)), chance_);
      to.add("weights", weights);
    }
    if (chance_.percent(40)) to.add("default_language", chance_.one_of({"english", "french", "none"}));
    if (chance_.percent(20)) to.add("language_override", chance_.one_of({"language", "lang"}));
  }

  void add_plane_options(Document& to) {
    if (chance_.percent(40)) add_any_number(to, "bits", chance_.one_of({20, 26, 32}), chance_);
    if (chance_.percent(40)) add_any_number(to, "min", chance_.one_of({-180, -100, 0}), chance_);
    if (chance_.percent(40)) add_any_number(to, "max", chance_.one_of({180, 100}), chance_);
  }

  void add_collation(Document& to, IndexKind kind, const ModelSketch& model) {
    const bool is_simple_only = kind == IndexKind::text || kind == IndexKind::plane;
    const bool is_collated = model.options.has("collation");
    if (is_collated && (is_simple_only || chance_.percent(15))) {
      to.add("collation", Document().add("locale", "simple"));
    } else if (!is_simple_only && chance_.percent(15)) {
      to.add("collation", any_collation(chance_));
    }
  }

  Chance& chance_;
  Taker taker_;
};

}  // namespace treering
