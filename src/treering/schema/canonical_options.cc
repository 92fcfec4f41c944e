// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "treering/schema/canonical.h"
#include "treering/schema/canonical_fields.h"

namespace treering {
namespace {

// What listCollections has said of a collection beside its options, in one version or another; `autoIndexId` is an
// option that no longer does anything.
constexpr std::array<std::string_view, 5> kDropped{"autoIndexId", "flags", "idIndex", "temp", "uuid"};
constexpr std::array<std::string_view, 2> kDroppedIfFalse{"capped", "recordPreImages"};
constexpr std::array<std::string_view, 4> kDroppedIfEmpty{"indexOptionDefaults", "pipeline", "storageEngine",
                                                          "validator"};

// What a server lists as `max` where collMod took the limit away.
constexpr double kNoLimit = std::numeric_limits<std::int32_t>::max();

struct TextDefault {
  std::string_view option;
  std::string_view value;
};
constexpr std::array<TextDefault, 3> kTextDefaults{{
    {"expireAfterSeconds", "off"},
    {"validationAction", "error"},
    {"validationLevel", "strict"},
}};

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_empty(const Field& field) {
  const auto value = field.document();
  return value && value->empty();
}

// Capped collections take space in steps: the server rounds up, and lists what it made of the number.
std::int64_t rounded_size(std::int64_t size) {
  constexpr std::int64_t kLeast = 4096;
  constexpr std::int64_t kStep = 256;
  if (size <= kLeast) return kLeast;
  if (size > std::numeric_limits<std::int64_t>::max() - kStep) return size;
  return (size + kStep - 1) / kStep * kStep;
}

void add_size(Document& to, const Field& size, bool is_capped) {
  const auto number = size.integer();
  if (!is_capped || !number) return add_canonical(to, "size", size);
  Document rounded;
  rounded.add("size", rounded_size(*number));
  add_canonical(to, "size", *rounded.find("size"));
}

struct Granularity {
  std::string_view name;
  std::int64_t max_span;
  std::int64_t rounding;
};
constexpr std::array<Granularity, 3> kGranularities{
    {{"seconds", 3600, 60}, {"minutes", 86400, 3600}, {"hours", 2592000, 86400}}};

// Whether the spans of the buckets say no more than the granularity does.
bool has_derived_spans(const Document& timeseries, std::string_view granularity) {
  const auto* row = std::ranges::find(kGranularities, granularity, &Granularity::name);
  if (row == kGranularities.end()) return false;
  return timeseries.integer("bucketMaxSpanSeconds").value_or(row->max_span) == row->max_span &&
         timeseries.integer("bucketRoundingSeconds").value_or(row->rounding) == row->rounding;
}

Document canonical_timeseries(const Document& timeseries) {
  constexpr std::array<std::string_view, 3> kFirst{"timeField", "metaField", "granularity"};
  const std::string granularity = timeseries.string("granularity").value_or("seconds");
  const bool is_derived = has_derived_spans(timeseries, granularity);
  Document result;
  for (const std::string_view name : kFirst) {
    const auto field = timeseries.find(name);
    if (field && !(name == "granularity" && field->string() == "seconds")) result.add(*field);
  }
  for (const Field& field : fields_by_name(timeseries)) {
    const bool is_span = field.key() == "bucketMaxSpanSeconds" || field.key() == "bucketRoundingSeconds";
    if (!holds(kFirst, field.key()) && !(is_span && is_derived)) add_canonical(result, field.key(), field);
  }
  return result;
}

Document canonical_clustered_index(const Document& index) {
  Document result;
  if (const auto key = index.find("key")) add_canonical(result, "key", *key);
  for (const Field& field : fields_by_name(index)) {
    const bool is_default = field.key() == "name" && field.string() == "_id_";
    if (field.key() != "key" && field.key() != "v" && !is_default) add_canonical(result, field.key(), field);
  }
  return result;
}

bool is_default(const Field& option) {
  const std::string_view name = option.key();
  if (holds(kDropped, name)) return true;
  if (holds(kDroppedIfFalse, name)) return option.boolean() == false;
  if (holds(kDroppedIfEmpty, name)) return is_empty(option);
  if (name == "max") return option.number() == 0.0 || option.number() == kNoLimit;
  if (name == "changeStreamPreAndPostImages") {
    const auto images = option.document();
    return images && !images->boolean("enabled").value_or(false);
  }
  return std::ranges::any_of(
      kTextDefaults, [&](const TextDefault& row) { return row.option == name && option.string() == row.value; });
}

void add_option(Document& to, const Field& option, bool is_capped) {
  const std::string_view name = option.key();
  if (name == "capped" && option.boolean()) {
    to.add("capped", true);
  } else if (name == "size") {
    add_size(to, option, is_capped);
  } else if (name == "timeseries" && option.is_document()) {
    to.add("timeseries", canonical_timeseries(*option.document()));
  } else if (name == "clusteredIndex" && option.is_document()) {
    to.add("clusteredIndex", canonical_clustered_index(*option.document()));
  } else if (name == "collation" && option.is_document()) {
    const Document collation = canonical_collation(*option.document());
    if (!collation.empty()) to.add("collation", collation);
  } else {
    add_canonical(to, name, option);
  }
}

}  // namespace

Document canonical_options(const Document& options) {
  const bool is_capped = options.boolean("capped").value_or(false);
  Document result;
  for (const Field& option : fields_by_name(options))
    if (!is_default(option)) add_option(result, option, is_capped);
  return result;
}

}  // namespace treering
