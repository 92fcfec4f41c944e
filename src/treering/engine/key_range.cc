// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/key_range.h"

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "treering/base/error.h"

namespace treering {
namespace {

// The brackets in their order, each with what $type calls it. Source: MongoDB manual, "Comparison/Sort Order".
constexpr std::array<std::string_view, 11> kBrackets{"minKey",   "null", "number", "string",    "object", "binData",
                                                     "objectId", "bool", "date",   "timestamp", "maxKey"};

std::size_t bracket_of(bson_type_t type) {
  const auto at = [](std::string_view name) {
    std::size_t place = 0;
    while (kBrackets[place] != name) ++place;
    return place;
  };
  switch (type) {
    case BSON_TYPE_MINKEY:
      return at("minKey");
    case BSON_TYPE_NULL:
      return at("null");
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64:
    case BSON_TYPE_DOUBLE:
    case BSON_TYPE_DECIMAL128:
      return at("number");
    case BSON_TYPE_UTF8:
    case BSON_TYPE_SYMBOL:
      return at("string");
    case BSON_TYPE_DOCUMENT:
      return at("object");
    case BSON_TYPE_BINARY:
      return at("binData");
    case BSON_TYPE_OID:
      return at("objectId");
    case BSON_TYPE_BOOL:
      return at("bool");
    case BSON_TYPE_DATE_TIME:
      return at("date");
    case BSON_TYPE_TIMESTAMP:
      return at("timestamp");
    case BSON_TYPE_MAXKEY:
      return at("maxKey");
    default:
      throw Error(Kind::usage, "a backfill can't go along a key whose values are arrays or regular expressions",
                  "name another key: key=\"created_at\", or leave it out for _id");
  }
}

bool is_nan(const Field& value) {
  if (value.type() == BSON_TYPE_DOUBLE) return std::isnan(*value.number());
  bson_decimal128_t decimal;
  if (value.type() != BSON_TYPE_DECIMAL128 || !bson_iter_decimal128(&value.iter(), &decimal)) return false;
  constexpr std::uint64_t kNan = 0x7c00000000000000;
  return (decimal.high & kNan) == kNan;
}

// MinKey and MaxKey compare with every type.
bool is_alone(const Field& value) { return value.type() == BSON_TYPE_MINKEY || value.type() == BSON_TYPE_MAXKEY; }

Document any_of(const std::vector<Document>& parts) {
  return parts.size() == 1 ? parts.front() : Document().add_array("$or", parts);
}

// What lies above the value, or is it, in its own bracket; nothing where that is empty. NaN is the lowest number, and
// compares with none.
std::optional<Document> above(const std::string& key, const Field& value, RangeStart start) {
  const Document itself = Document().add(key, value);
  const bool with = start == RangeStart::with;
  if (is_alone(value)) return with ? std::optional(itself) : std::nullopt;
  if (!is_nan(value)) return Document().add(key, Document().add(with ? "$gte" : "$gt", value));
  const Document others = Document().add(key, Document().add("$gte", -std::numeric_limits<double>::infinity()));
  return with ? any_of({itself, others}) : others;
}

// What lies below, or is it, in its own bracket.
Document up_to(const std::string& key, const Field& value) {
  if (is_nan(value)) return Document().add(key, value);
  Document numbers = Document().add(key, Document().add("$lte", value));
  const bool is_number = bracket_of(value.type()) == bracket_of(BSON_TYPE_DOUBLE);
  if (!is_number) return numbers;
  return Document().add_array("$or", {numbers, Document().add(key, std::numeric_limits<double>::quiet_NaN())});
}

// The brackets from `first` up to but without `end`; nothing where there are none.
std::optional<Document> of_types(const std::string& key, std::size_t first, std::size_t end) {
  std::vector<std::string> names;
  for (std::size_t place = first; place < end; ++place) names.emplace_back(kBrackets[place]);
  if (names.empty()) return std::nullopt;
  // A document without the field sorts as null does, and $type doesn't see it.
  const bool with_missing = first <= 1 && end > 1;
  Document types = Document().add(key, Document().add_array("$type", names));
  if (!with_missing) return types;
  return Document().add_array("$or", {types, Document().add(key, Document().add("$exists", false))});
}

Document nothing() { return Document().add_array("$nor", std::vector<Document>{Document()}); }

Document both(const Document& range, const Document& filter) {
  return filter.empty() ? range : Document().add_array("$and", {range, filter});
}

}  // namespace

Document range_query(const std::string& key, const KeyRange& range, const Document& filter) {
  const Field from = *range.from.find("");
  const Field to = *range.to.find("");
  const std::size_t first = bracket_of(from.type());
  const std::size_t last = bracket_of(to.type());
  const auto lowest = above(key, from, range.start);
  if (first == last && is_alone(from)) return both(lowest.value_or(nothing()), filter);
  if (first == last && !is_nan(from) && !is_nan(to)) {
    Document bounds;
    bounds.add(range.start == RangeStart::with ? "$gte" : "$gt", from).add("$lte", to);
    return both(Document().add(key, bounds), filter);
  }
  if (first == last) return both(Document().add_array("$and", {*lowest, up_to(key, to)}), filter);
  std::vector<Document> parts;
  if (lowest) parts.push_back(*lowest);
  if (const auto between = of_types(key, first + 1, is_alone(to) ? last + 1 : last)) parts.push_back(*between);
  if (!is_alone(to)) parts.push_back(up_to(key, to));
  return both(any_of(parts), filter);
}

std::vector<Document> after_queries(const std::string& key, const Document& from, const Document& filter) {
  if (from.empty()) return {filter};
  const Field value = *from.find("");
  std::vector<Document> queries;
  if (const auto higher = above(key, value, RangeStart::after)) queries.push_back(both(*higher, filter));
  if (const auto later = of_types(key, bracket_of(value.type()) + 1, kBrackets.size()))
    queries.push_back(both(*later, filter));
  return queries;
}

}  // namespace treering
