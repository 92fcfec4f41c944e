// SPDX-License-Identifier: Apache-2.0
// The part of the query, expression and update languages that Treering and its tests use.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fake/bson_value.h"

namespace treering::fake {

// --- Aggregation expressions

inline Value evaluate(const Field& expression, const Document& document, std::int64_t now_ms);

inline std::vector<Value> evaluate_all(const Field& list, const Document& document, std::int64_t now_ms) {
  if (!list.is_array()) throw bad_value("this operator takes an array");
  std::vector<Value> result;
  const Document items = *list.document();
  for (const Field& item : items.fields()) result.push_back(evaluate(item, document, now_ms));
  return result;
}

inline std::int64_t as_long(const Value& value) {
  const Field field = value.field();
  if (field.type() == BSON_TYPE_DATE_TIME) return field.date()->ms;
  if (auto number = field.integer()) return *number;
  throw refusal(241, "ConversionFailure", "no number: " + Document().add("value", field).json());
}

inline Value date_add(const Document& arguments, const Document& document, std::int64_t now_ms) {
  require_known(arguments, {"startDate", "unit", "amount"}, "$dateAdd");
  if (arguments.string("unit") != "second") throw bad_value("$dateAdd: only seconds");
  const Value start = evaluate(*arguments.find("startDate"), document, now_ms);
  return Value::of(Date{as_long(start) + as_long(evaluate(*arguments.find("amount"), document, now_ms)) * 1000});
}

inline Value merge_objects(const std::vector<Value>& values) {
  Document merged;
  for (const Value& value : values) {
    if (value.is_null()) continue;
    const Document object = *value.field().document();
    for (const Field& field : object.fields()) merged = with_path(merged, field.key(), Value(field));
  }
  return Value::of(merged);
}

inline Value array_of(const Document& items) {
  const Document holder = Document().add_array("v", items);
  return Value(*holder.find("v"));
}

inline Value concat_arrays(const std::vector<Value>& arrays) {
  Document items;
  for (const Value& array : arrays) {
    if (array.is_null()) return Value::null();
    if (!array.field().is_array()) throw refusal(28664, "Location28664", "$concatArrays only supports arrays");
    const Document list = *array.field().document();
    for (const Field& item : list.fields()) items.add(std::to_string(items.count()), item);
  }
  return array_of(items);
}

// The variable of $map is a field beside those of the document, by its whole name.
constexpr std::string_view kThis = "$$this";

inline Value map_over(const Document& arguments, const Document& document, std::int64_t now_ms) {
  require_known(arguments, {"input", "in"}, "$map");
  const Document input = *evaluate(*arguments.find("input"), document, now_ms).field().document();
  Document items;
  for (const Field& item : input.fields()) {
    Document scope = document;
    scope.add(kThis, item);
    items.add(std::to_string(items.count()), evaluate(*arguments.find("in"), scope, now_ms).field());
  }
  return array_of(items);
}

inline Value range_of(const std::vector<Value>& bounds) {
  Document items;
  for (std::int64_t number = as_long(bounds[0]); number < as_long(bounds[1]); number += as_long(bounds[2]))
    items.add(std::to_string(items.count()), number);
  return array_of(items);
}

inline Value evaluate_operator(const Field& call, const Document& document, std::int64_t now_ms) {
  const std::string_view name = call.key();
  if (name == "$literal") return Value(call);
  if (name == "$toLong" || name == "$toDate") {
    const Value value = evaluate(call, document, now_ms);
    if (value.is_null()) return Value::null();
    return name == "$toLong" ? Value::of(as_long(value)) : Value::of(Date{as_long(value)});
  }
  if (name == "$dateAdd") return date_add(call.document().value(), document, now_ms);
  if (name == "$map") return map_over(call.document().value(), document, now_ms);
  if (name == "$size")
    return Value::of(static_cast<std::int64_t>(evaluate(call, document, now_ms).field().document().value().count()));
  const std::vector<Value> values = evaluate_all(call, document, now_ms);
  if (name == "$add") {
    std::int64_t sum = 0;
    for (const Value& value : values) sum += as_long(value);
    return Value::of(sum);
  }
  if (name == "$lt" && values.size() == 2) return Value::of(compare(values[0], values[1]) < 0);
  if (name == "$eq" && values.size() == 2) return Value::of(equal(values[0], values[1]));
  if (name == "$cond" && values.size() == 3) {
    const bool holds = !values[0].is_null() && values[0].field().boolean().value_or(true);
    return values[holds ? 1 : 2];
  }
  if (name == "$mergeObjects") return merge_objects(values);
  if (name == "$ifNull" && values.size() == 2) return values[values[0].is_null() ? 1 : 0];
  if (name == "$concatArrays") return concat_arrays(values);
  if (name == "$range" && values.size() == 3) return range_of(values);
  if (name == "$arrayElemAt" && values.size() == 2) {
    const Document items = values[0].field().document().value();
    const std::int64_t place = as_long(values[1]);
    const auto count = static_cast<std::int64_t>(items.count());
    return Value(items.find(std::to_string(place < 0 ? count + place : place)));
  }
  throw refusal(168, "InvalidPipelineOperator", "Unrecognized expression '" + std::string(name) + "'");
}

inline Value evaluate(const Field& expression, const Document& document, std::int64_t now_ms) {
  if (auto text = expression.string(); text && text->starts_with("$")) {
    if (*text == "$$NOW") return Value::of(Date{now_ms});
    if (*text == kThis) return Value(document.find(kThis));
    if (text->starts_with("$$")) throw refusal(17276, "Location17276", "Use of undefined variable: " + *text);
    return Value(document.find(text->substr(1)));
  }
  if (!expression.is_document()) return Value(expression);
  const Document object = *expression.document();
  if (is_operator_document(expression)) {
    if (object.count() != 1) throw refusal(15983, "Location15983", "an expression has exactly one operator");
    return evaluate_operator(object.fields().front(), document, now_ms);
  }
  Document result;
  for (const Field& field : object.fields())
    if (Value value = evaluate(field, document, now_ms); !value.is_missing()) result.add(field.key(), value.field());
  return Value::of(result);
}

// --- Filters

inline bool matches_value(const Value& value, const Value& wanted) {
  if (equal(value, wanted)) return true;
  if (value.is_missing() || !value.field().is_array()) return false;
  const Document items = *value.field().document();
  return std::ranges::any_of(items.fields(), [&](const Field& item) { return equal(Value(item), wanted); });
}

// As $type calls the brackets of the order of types.
inline std::string_view bracket_name(const Value& value) {
  constexpr std::string_view kNames[] = {"null",    "number",   "string", "object", "array",
                                         "binData", "objectId", "bool",   "date"};
  return kNames[type_rank(value) - 1];
}

// Values of another type than the bound's are in no range.
inline bool is_in_range(const Value& value, std::string_view name, const Value& bound) {
  if (value.is_missing() || type_rank(value) != type_rank(bound)) return false;
  const int compared = compare(value, bound);
  if (name == "$gt") return compared > 0;
  if (name == "$gte") return compared >= 0;
  return name == "$lt" ? compared < 0 : compared <= 0;
}

inline bool matches_operators(const Value& value, const Document& operators) {
  constexpr std::string_view kRanges[] = {"$gt", "$gte", "$lt", "$lte"};
  for (const Field& field : operators.fields()) {
    if (std::ranges::find(kRanges, field.key()) != std::end(kRanges)) {
      if (!is_in_range(value, field.key(), Value(field))) return false;
    } else if (field.key() == "$type") {
      const std::vector<std::string> names = operators.strings("$type");
      if (value.is_missing() || std::ranges::find(names, bracket_name(value)) == names.end()) return false;
    } else if (field.key() == "$in") {
      const Document list = *field.document();
      if (std::ranges::none_of(list.fields(), [&](const Field& item) { return matches_value(value, Value(item)); }))
        return false;
    } else if (field.key() == "$exists") {
      if (value.is_missing() == *field.boolean()) return false;
    } else {
      throw bad_value("unknown operator: " + std::string(field.key()));
    }
  }
  return true;
}

inline bool matches(const Document& document, const Document& filter, std::int64_t now_ms);

// {$and: [...]}, {$or: [...]}, {$nor: [...]}
inline bool matches_junction(const Document& document, const Field& junction, std::int64_t now_ms) {
  const Document list = junction.document().value();
  if (!junction.is_array() || list.empty()) throw bad_value("$and/$or/$nor must be a nonempty array");
  std::size_t held = 0;
  for (const Field& part : list.fields())
    if (matches(document, *part.document(), now_ms)) ++held;
  if (junction.key() == "$and") return held == list.count();
  return (junction.key() == "$or") == (held > 0);
}

inline bool matches(const Document& document, const Document& filter, std::int64_t now_ms) {
  for (const Field& field : filter.fields()) {
    if (field.key() == "$expr") {
      const Value value = evaluate(field, document, now_ms);
      if (value.is_null() || !value.field().boolean().value_or(true)) return false;
    } else if (field.key() == "$and" || field.key() == "$or" || field.key() == "$nor") {
      if (!matches_junction(document, field, now_ms)) return false;
    } else if (field.key().starts_with("$")) {
      throw bad_value("unknown top level operator: " + std::string(field.key()));
    } else if (is_operator_document(field)) {
      if (!matches_operators(Value(document.find(field.key())), *field.document())) return false;
    } else if (!matches_value(Value(document.find(field.key())), Value(field))) {
      return false;
    }
  }
  return true;
}

// --- Updates

// The array with what `call`, {$each: [...]}, adds.
inline Value pushed(const Value& array, const Field& call) {
  const Document each = call.document().value();
  require_known(each, {"$each"}, "$push");
  return concat_arrays({array.is_null() ? array_of({}) : array, Value(each.find("$each"))});
}

inline Document update_by_operators(Document document, const Document& update) {
  for (const Field& call : update.fields()) {
    const Document fields = *call.document();
    for (const Field& field : fields.fields()) {
      if (call.key() == "$set") {
        document = with_path(document, field.key(), Value(field));
      } else if (call.key() == "$unset") {
        document = without_path(document, field.key());
      } else if (call.key() == "$push") {
        document = with_path(document, field.key(), pushed(Value(document.find(field.key())), field));
      } else if (call.key() == "$inc") {
        document = with_path(document, field.key(),
                             Value::of(document.integer(field.key()).value_or(0) + field.integer().value()));
      } else {
        throw refusal(9, "FailedToParse", "Unknown modifier: " + std::string(call.key()));
      }
    }
  }
  return document;
}

inline Document update_by_pipeline(Document document, const Document& pipeline, std::int64_t now_ms) {
  for (const Field& stage : pipeline.fields()) {
    const Document body = *stage.document();
    if (body.count() != 1 || !body.has("$set"))
      throw refusal(40324, "Location40324", "Unrecognized pipeline stage: " + body.json());
    const Document before = document;
    const Document fields = *body.document("$set");
    for (const Field& field : fields.fields()) {
      // The real one merges a plain document into the one that is there; nothing of ours means that.
      if (field.is_document() && !is_operator_document(field))
        throw bad_value("$set in a pipeline: a plain document merges");
      document = with_path(document, field.key(), evaluate(field, before, now_ms));
    }
  }
  return document;
}

// `update`: operators, a whole document, or a pipeline. The `_id` stays.
inline Document updated(const Document& document, const Field& update, std::int64_t now_ms) {
  if (update.is_array()) return update_by_pipeline(document, *update.document(), now_ms);
  if (is_operator_document(update)) return update_by_operators(document, *update.document());
  const Document whole = update.document().value();
  const Value id(document.find("_id"));
  if (id.is_missing()) return whole;
  if (whole.has("_id") && !equal(Value(whole.find("_id")), id))
    throw refusal(66, "ImmutableField", "the _id can't change");
  Document result;
  result.add("_id", id.field());
  for (const Field& field : whole.fields())
    if (field.key() != "_id") result.add(field);
  return result;
}

// --- find

inline Document projected(const Document& document, const Document& projection, std::int64_t now_ms) {
  if (projection.empty()) return document;
  const auto excludes = [](const Field& field) { return field.type() != BSON_TYPE_UTF8 && field.integer() == 0; };
  const auto fields = projection.fields();
  if (std::ranges::all_of(fields, excludes)) {
    Document result = document;
    for (const Field& field : fields) result = without_path(result, field.key());
    return result;
  }
  Document result;
  for (const Field& field : document.fields()) {
    const auto wanted = projection.find(field.key());
    if (field.key() == "_id" ? !wanted || wanted->integer() != 0 : wanted && wanted->integer() == 1) result.add(field);
  }
  for (const Field& field : fields) {
    if (field.integer()) continue;
    result = with_path(result, field.key(), evaluate(field, document, now_ms));
  }
  return result;
}

// {$sum: expression}, or $first, $last, $push
inline Value accumulated(const std::vector<Document>& documents, const Field& call, std::int64_t now_ms) {
  if (call.key() == "$first") return evaluate(call, documents.front(), now_ms);
  if (call.key() == "$last") return evaluate(call, documents.back(), now_ms);
  std::int64_t sum = 0;
  Document items;
  for (const Document& document : documents) {
    const Value value = evaluate(call, document, now_ms);
    if (call.key() == "$push") {
      if (!value.is_missing()) items.add(std::to_string(items.count()), value.field());
    } else if (call.key() == "$sum") {
      if (!value.is_null()) sum += as_long(value);
    } else {
      throw bad_value("$group: no " + std::string(call.key()));
    }
  }
  return call.key() == "$push" ? array_of(items) : Value::of(sum);
}

// {$group: {_id: null, name: {$sum: expression}, ...}}. REQUIRES: there are documents.
inline Document grouped(const std::vector<Document>& documents, const Document& group, std::int64_t now_ms) {
  Document result;
  for (const Field& field : group.fields()) {
    if (field.key() == "_id") {
      if (field.type() != BSON_TYPE_NULL) throw bad_value("$group: one group alone");
      result.add_null("_id");
      continue;
    }
    const Document call = *field.document();
    if (call.count() != 1) throw bad_value("$group: one accumulator a field");
    if (const Value value = accumulated(documents, call.fields().front(), now_ms); !value.is_missing())
      result.add(field.key(), value.field());
  }
  return result;
}

inline void sort_documents(std::vector<Document>& documents, const Document& order) {
  std::ranges::stable_sort(documents, [&](const Document& a, const Document& b) {
    for (const Field& field : order.fields()) {
      const int compared = compare(Value(a.find(field.key())), Value(b.find(field.key())));
      if (compared != 0) return field.integer() == 1 ? compared < 0 : compared > 0;
    }
    return false;
  });
}

}  // namespace treering::fake
