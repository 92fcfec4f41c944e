// SPDX-License-Identifier: Apache-2.0
// Which options of a collection that exists a server can change, and which it can't. Source: MongoDB manual, "collMod".
#include <algorithm>
#include <array>
#include <string_view>

#include "treering/schema/same_field.h"
#include "treering/schema/steps.h"

namespace treering {
namespace {

constexpr std::array<std::string_view, 5> kModifiable{"changeStreamPreAndPostImages", "expireAfterSeconds",
                                                      "validationAction", "validationLevel", "validator"};

bool is_one_of(std::string_view name, const auto& names) { return std::ranges::find(names, name) != names.end(); }

int coarseness(const Document& timeseries) {
  const std::string granularity = timeseries.string("granularity").value_or("seconds");
  if (granularity == "hours") return 2;
  return granularity == "minutes" ? 1 : 0;
}

// The server makes buckets longer, never shorter.
bool can_coarsen(const Document& from, const Document& to) {
  if (!same_field(from, to, "timeField") || !same_field(from, to, "metaField")) return false;
  const bool custom = from.has("bucketMaxSpanSeconds") || to.has("bucketMaxSpanSeconds");
  if (custom)
    return to.integer("bucketMaxSpanSeconds").value_or(0) >= from.integer("bucketMaxSpanSeconds").value_or(0) &&
           to.has("bucketMaxSpanSeconds");
  return coarseness(to) >= coarseness(from);
}

// Whether collMod brings this option from one value to the other.
bool is_modifiable(const Collection& from, const Collection& to, std::string_view name) {
  if (is_one_of(name, kModifiable)) return true;
  if (name == "size" || name == "max")  // `cappedMax: 0` is no limit
    return from.options.has("capped") && to.options.has("capped");
  if (name == "viewOn" || name == "pipeline") return from.is_view() && to.is_view();
  if (name == "timeseries" && from.is_timeseries() && to.is_timeseries())
    return can_coarsen(*from.options.document(name), *to.options.document(name));
  return false;
}

template <class Take>
void each_changed_option(const Collection& from, const Collection& to, const Take& take) {
  for (const Field& field : from.options.fields())
    if (!same_field(from.options, to.options, field.key())) take(field.key());
  for (const Field& field : to.options.fields())
    if (!from.options.has(field.key())) take(field.key());
}

}  // namespace

OptionsChange options_change(const Collection& from, const Collection& to) {
  OptionsChange change = OptionsChange::none;
  each_changed_option(from, to, [&](std::string_view name) {
    change = std::max(change, is_modifiable(from, to, name) ? OptionsChange::modify : OptionsChange::rebuild);
  });
  // Nothing can be copied into or out of a view, and no time series can be renamed.
  const bool of_another_kind = from.is_view() || to.is_view() || from.is_timeseries() || to.is_timeseries();
  if (change == OptionsChange::rebuild && of_another_kind) return OptionsChange::replace;
  return change;
}

Document modifiable_options(const Collection& from, const Collection& to) {
  std::vector<Field> fields;
  const auto from_fields = from.options.fields();
  const auto to_fields = to.options.fields();
  std::ranges::copy_if(to_fields, std::back_inserter(fields), [&](const Field& field) {
    return same_field(from.options, to.options, field.key()) || is_modifiable(from, to, field.key());
  });
  std::ranges::copy_if(from_fields, std::back_inserter(fields), [&](const Field& field) {
    return !same_field(from.options, to.options, field.key()) && !is_modifiable(from, to, field.key());
  });
  std::ranges::sort(fields, {}, &Field::key);
  Document result;
  for (const Field& field : fields) result.add(field);
  return result;
}

}  // namespace treering
