// SPDX-License-Identifier: Apache-2.0
// Options of `create`: those that no version of the server takes are found here, before any server is asked.
#include "treering/schema/model_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "treering/schema/model_settings.h"

namespace treering {
namespace {

constexpr std::array<Setting, 16> kOptions{{
    {"capped", SettingType::flag},
    {"size", SettingType::number},
    {"max", SettingType::number},
    {"timeseries", SettingType::document},
    {"clusteredIndex", SettingType::document},
    {"collation", SettingType::document},
    {"validator", SettingType::document},
    {"validationLevel", SettingType::text},
    {"validationAction", SettingType::text},
    {"changeStreamPreAndPostImages", SettingType::document},
    {"expireAfterSeconds", SettingType::number_or_text},
    {"viewOn", SettingType::text},
    {"pipeline", SettingType::list},
    {"storageEngine", SettingType::document},
    {"indexOptionDefaults", SettingType::document},
    {"encryptedFields", SettingType::document},
}};
constexpr std::array<Setting, 5> kTimeseries{{
    {"timeField", SettingType::text},
    {"metaField", SettingType::text},
    {"granularity", SettingType::text},
    {"bucketMaxSpanSeconds", SettingType::number},
    {"bucketRoundingSeconds", SettingType::number},
}};
constexpr std::array<Setting, 3> kClusteredIndex{{
    {"key", SettingType::document},
    {"unique", SettingType::flag},
    {"name", SettingType::text},
}};
constexpr std::array<Setting, 1> kImages{{{"enabled", SettingType::boolean}}};

// A listing of a view or a time series says nothing of other options, whether or not a server let them pass.
constexpr std::array<std::string_view, 3> kOfViews{"viewOn", "pipeline", "collation"};
constexpr std::array<std::string_view, 5> kOfTimeseries{"timeseries", "expireAfterSeconds", "collation",
                                                        "storageEngine", "indexOptionDefaults"};

void require_only(const Document& options, std::span<const std::string_view> allowed, std::string_view whole,
                  const ModelPlace& place) {
  for (const Field& option : options.fields())
    if (std::ranges::find(allowed, option.key()) == allowed.end())
      throw model_error(place, fmt::format("{} can't have the option {}", whole, option.key()),
                        fmt::format("{} has {} and no other options", whole, fmt::join(allowed, ", ")));
}

void require_not_negative(const Document& options, std::string_view name, const ModelPlace& place) {
  const auto number = options.find(name);
  if (number && number->number() && !(*number->number() >= 0))
    throw model_error(place, fmt::format("{} is negative", name), "give it a number from 0");
}

void require_capped(const Document& options, const ModelPlace& place) {
  const bool is_capped = options.boolean("capped").value_or(false);
  if (is_capped && !options.has("size"))
    throw model_error(place, "capped needs a size", "add \"size\", the most bytes that its documents take");
  for (const std::string_view name : {"size", "max"}) {
    if (!is_capped && options.has(name))
      throw model_error(place, fmt::format("{} is for capped collections", name), "add \"capped\": True");
    require_not_negative(options, name, place);
  }
}

void require_timeseries(const Document& timeseries, const ModelPlace& place) {
  constexpr std::array<std::string_view, 3> kGranularities{"seconds", "minutes", "hours"};
  require_settings(timeseries, kTimeseries, "timeseries", place);
  require_word(timeseries, "granularity", kGranularities, place);
  const std::string time = timeseries.string("timeField").value_or("");
  if (time.empty())
    throw model_error(place, "timeseries has no timeField", "name the field that holds each document's date");
  const auto meta = timeseries.string("metaField");
  if (meta == time || meta == "_id")
    throw model_error(place, fmt::format("the metaField of timeseries can't be \"{}\"", *meta),
                      "name another field than the timeField and _id");
}

void require_clustered_index(const Document& index, const ModelPlace& place) {
  require_settings(index, kClusteredIndex, "clusteredIndex", place);
  const Document key = index.document("key").value_or(Document());
  const bool is_id = key.count() == 1 && key.integer("_id") == 1;
  if (!is_id || !index.boolean("unique").value_or(false))
    throw model_error(place, "a collection can be clustered by a unique index on _id only",
                      R"(write "clusteredIndex": {"key": {"_id": 1}, "unique": True})");
}

void require_expiry(const Document& options, const ModelPlace& place) {
  constexpr std::array<std::string_view, 1> kOff{"off"};
  require_word(options, "expireAfterSeconds", kOff, place);
  require_not_negative(options, "expireAfterSeconds", place);
  if (options.has("expireAfterSeconds") && !options.has("timeseries") && !options.has("clusteredIndex"))
    throw model_error(place, "expireAfterSeconds is for time series and clustered collections",
                      "of another collection, an index on a date expires documents: Index(..., expireAfterSeconds=60)");
}

void require_view(const Document& options, const ModelPlace& place) {
  if (!options.has("viewOn")) {
    if (options.has("pipeline"))
      throw model_error(place, "pipeline is for views", "add \"viewOn\", the collection that the view reads");
    return;
  }
  require_only(options, kOfViews, "a view", place);
  if (options.string("viewOn").value_or("").empty())
    throw model_error(place, "viewOn is empty", "name the collection that the view reads");
  const Document pipeline = options.document("pipeline").value_or(Document());
  for (const Field& stage : pipeline.fields())
    if (!stage.is_document() || stage.document()->count() != 1)
      throw model_error(place, fmt::format("stage {} of the pipeline is none", stage.key()),
                        "a stage is a dict of one operator, as {\"$match\": {...}}");
}

}  // namespace

void require_options(const Document& options, const ModelPlace& place) {
  constexpr std::array<std::string_view, 3> kLevels{"off", "strict", "moderate"};
  constexpr std::array<std::string_view, 3> kActions{"error", "warn", "errorAndLog"};
  require_settings(options, kOptions, "__options__", place);
  require_word(options, "validationLevel", kLevels, place);
  require_word(options, "validationAction", kActions, place);
  require_view(options, place);
  if (const auto timeseries = options.document("timeseries")) {
    require_only(options, kOfTimeseries, "a time series", place);
    require_timeseries(*timeseries, place);
  }
  require_capped(options, place);
  if (const auto clustered = options.document("clusteredIndex")) {
    if (options.boolean("capped").value_or(false))
      throw model_error(place, "a collection can't be both capped and clustered", "drop one of the two options");
    require_clustered_index(*clustered, place);
  }
  if (const auto collation = options.document("collation")) require_collation(*collation, place);
  if (const auto images = options.document("changeStreamPreAndPostImages"))
    require_settings(*images, kImages, "changeStreamPreAndPostImages", place);
  require_expiry(options, place);
}

}  // namespace treering
