// SPDX-License-Identifier: Apache-2.0
// libbson's own JSON reader would take {"$regex": ...} of a validator for a regular expression and {"$type": 2} for a
// part of a binary: it gets to see single values only.
#include "treering/schema/snapshot_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "treering/base/error.h"

namespace treering {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::array<std::string_view, 17> kWrappers{
    "$oid",       "$symbol", "$numberInt", "$numberLong", "$numberDouble", "$numberDecimal",
    "$binary",    "$uuid",   "$code",      "$scope",      "$timestamp",    "$regularExpression",
    "$dbPointer", "$date",   "$minKey",    "$maxKey",     "$undefined"};
constexpr const char* kFields = "$fields";

bool is_wrapper(std::string_view key) { return std::ranges::find(kWrappers, key) != kWrappers.end(); }

SnapshotJson json_of(const Field& field) {
  switch (field.type()) {
    case BSON_TYPE_DOCUMENT:
      return json_of_document(*field.document());
    case BSON_TYPE_ARRAY:
      return json_of_array(*field.document());
    case BSON_TYPE_UTF8:
      return *field.string();
    case BSON_TYPE_BOOL:
      return *field.boolean();
    case BSON_TYPE_NULL:
      return nullptr;
    case BSON_TYPE_INT32:
      return *field.integer();
    case BSON_TYPE_INT64: {
      const std::int64_t value = *field.integer();
      const bool small =
          value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max();
      if (small) return {{"$numberLong", std::to_string(value)}};
      return value;
    }
    case BSON_TYPE_DOUBLE:
      if (std::isfinite(*field.number())) return *field.number();
      break;
    default:
      break;
  }
  const Document value = Document().add("v", field);
  // A scope may hold numbers, whose types only canonical Extended JSON keeps.
  const bool has_scope = field.type() == BSON_TYPE_CODEWSCOPE;
  return SnapshotJson::parse(has_scope ? value.canonical_json() : value.json()).at("v");
}

void add_value(Document& to, const std::string& key, const SnapshotJson& json);

Document array_from(const SnapshotJson& json) {
  Document array;
  for (std::size_t i = 0; i < json.size(); ++i) add_value(array, std::to_string(i), json[i]);
  return array;
}

void add_object(Document& to, const std::string& key, const SnapshotJson& json) {
  if (json.empty() || !is_wrapper(json.begin().key())) {
    to.add(key, document_from(json));
    return;
  }
  const Document read = Document::from_json(SnapshotJson{{"v", json}}.dump());
  // "-nan" and "nan(1)" are numbers of other bytes to libbson; it writes each as NaN.
  const Document wrapped = Document::from_json(read.canonical_json());
  to.add(key, *wrapped.find("v"));
}

void add_value(Document& to, const std::string& key, const SnapshotJson& json) {
  if (json.is_object()) {
    add_object(to, key, json);
  } else if (json.is_array()) {
    to.add_array(key, array_from(json));
  } else if (json.is_string()) {
    to.add(key, json.get<std::string>());
  } else if (json.is_boolean()) {
    to.add(key, json.get<bool>());
  } else if (json.is_number_float()) {
    to.add(key, json.get<double>());
  } else if (json.is_number()) {
    if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())
      throw Error(Kind::usage, key + " is " + json.dump() + ", more than an integer of 64 bits holds");
    const auto value = json.get<std::int64_t>();
    const bool small =
        value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max();
    small ? to.add(key, static_cast<std::int32_t>(value)) : to.add(key, value);
  } else {
    to.add_null(key);
  }
}

void write(std::string& text, const SnapshotJson& json, std::size_t indent, std::size_t column) {
  const std::string flat = json.dump();
  const bool is_leaf = !json.is_structured() || json.empty();
  if (is_leaf || (indent > 0 && column + flat.size() <= kColumns && flat.find("\":{\"") == std::string::npos)) {
    text += json.dump(-1);
    return;
  }
  const std::string margin(indent + 2, ' ');
  text += json.is_object() ? '{' : '[';
  bool first = true;
  for (auto item = json.begin(); item != json.end(); ++item, first = false) {
    text.append(first ? "\n" : ",\n").append(margin);
    std::string label;
    if (json.is_object()) label = SnapshotJson(item.key()).dump() + ": ";
    text += label;
    write(text, *item, indent + 2, margin.size() + label.size());
  }
  text.append("\n").append(indent, ' ').append(1, json.is_object() ? '}' : ']');
}

}  // namespace

SnapshotJson json_of_document(const Document& document) {
  SnapshotJson json = SnapshotJson::object();
  const auto fields = document.fields();
  const bool looks_wrapped = !fields.empty() && (is_wrapper(fields.front().key()) || fields.front().key() == kFields);
  if (!looks_wrapped) {
    for (const Field& field : fields) json[std::string(field.key())] = json_of(field);
    const bool has_each_once = json.size() == fields.size();
    if (has_each_once) return json;
    json = SnapshotJson::object();
  }
  SnapshotJson pairs = SnapshotJson::array();
  for (const Field& field : fields) {
    SnapshotJson pair = SnapshotJson::array();
    pair.push_back(std::string(field.key()));
    pair.push_back(json_of(field));
    pairs.push_back(std::move(pair));
  }
  json[kFields] = std::move(pairs);
  return json;
}

SnapshotJson json_of_array(const Document& array) {
  SnapshotJson json = SnapshotJson::array();
  for (const Field& field : array.fields()) json.push_back(json_of(field));
  return json;
}

Document document_from(const SnapshotJson& json) {
  if (!json.is_object()) throw Error(Kind::usage, "not a document: " + json.dump().substr(0, 60));
  Document document;
  if (json.size() == 1 && json.begin().key() == kFields) {
    for (const SnapshotJson& pair : json.begin().value())
      add_value(document, pair.at(0).get<std::string>(), pair.at(1));
    return document;
  }
  for (auto item = json.begin(); item != json.end(); ++item) add_value(document, item.key(), *item);
  return document;
}

std::string pretty(const SnapshotJson& json) {
  std::string text;
  write(text, json, 0, 0);
  return text + "\n";
}

}  // namespace treering
