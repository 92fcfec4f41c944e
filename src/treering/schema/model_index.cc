// SPDX-License-Identifier: Apache-2.0
// The options of an index, and what of them goes with its kind.
#include "treering/schema/model_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "treering/base/quote.h"
#include "treering/schema/canonical.h"
#include "treering/schema/model_settings.h"

namespace treering {
namespace {

constexpr std::array<Setting, 20> kOptions{{
    {"key", SettingType::document},
    {"name", SettingType::text},
    {"unique", SettingType::flag},
    {"sparse", SettingType::flag},
    {"partialFilterExpression", SettingType::document},
    {"expireAfterSeconds", SettingType::number},
    {"collation", SettingType::document},
    {"hidden", SettingType::boolean},
    {"prepareUnique", SettingType::flag},
    {"weights", SettingType::text_or_document},
    {"default_language", SettingType::text},
    {"language_override", SettingType::text},
    {"wildcardProjection", SettingType::document},
    {"bits", SettingType::number},
    {"min", SettingType::number},
    {"max", SettingType::number},
    {"storageEngine", SettingType::document},
    {"textIndexVersion", SettingType::number},
    {"2dsphereIndexVersion", SettingType::number},
    {"background", SettingType::flag},  // without effect in any server that is still maintained
}};

void require_name(const Document& specification, const ModelPlace& place) {
  const auto name = specification.string("name");
  if (!name) return;
  if (name->empty() || *name == "*" || *name == "_id_" || name->find('\0') != std::string::npos)
    throw model_error(place, fmt::format("{} can't be the name of an index", json_quoted(*name)),
                      "choose another name, or none: MongoDB's drivers make one of the fields");
}

void require_expiry(const Document& specification, const Document& key, const ModelPlace& place) {
  const auto expiry = specification.find("expireAfterSeconds");
  if (!expiry) return;
  if (key.count() > 1)
    throw model_error(place, "an index on several fields can't expire documents",
                      "give expireAfterSeconds to an index on the date alone");
  const double seconds = *expiry->number();
  if (!(seconds >= 0 && seconds <= std::numeric_limits<std::int32_t>::max()))
    throw model_error(place, "its expireAfterSeconds is out of range", "it is a number from 0 to 2147483647");
}

void require_no_clash(const Document& specification, IndexKind kind, const ModelPlace& place) {
  const bool is_unique = specification.boolean("unique").value_or(false);
  const bool is_sparse = specification.boolean("sparse").value_or(false);
  if (is_unique && kind == IndexKind::hashed)
    throw model_error(place, "a hashed index can't be unique", "drop unique, or add a plain index that is");
  if (kind == IndexKind::wildcard && (is_unique || is_sparse || specification.has("expireAfterSeconds")))
    throw model_error(place, "a wildcard index can't be unique or sparse, nor expire documents",
                      "make another index for that, on the field itself");
  if (is_sparse && specification.has("partialFilterExpression"))
    throw model_error(place, "an index can't be both sparse and partial",
                      "drop sparse: {\"field\": {\"$exists\": True}} says it in the partialFilterExpression");
}

void require_projection(const Document& specification, const Document& key, IndexKind kind, const ModelPlace& place) {
  const auto projection = specification.document("wildcardProjection");
  if (!projection && kind != IndexKind::wildcard) return;
  const auto fields = key.fields();
  const bool is_on_all = std::ranges::any_of(fields, [](const Field& field) { return field.key() == "$**"; });
  if (projection && (kind != IndexKind::wildcard || !is_on_all))
    throw model_error(place, "wildcardProjection is for an index on \"$**\"", "drop it, or index \"$**\"");
  if (projection && projection->empty())
    throw model_error(place, "its wildcardProjection is empty", "name the fields to index, or drop it");
  if (!projection && kind == IndexKind::wildcard && is_on_all && fields.size() > 1)
    throw model_error(place, "an index on \"$**\" and other fields needs a wildcardProjection",
                      "name the fields that \"$**\" stands for");
}

void require_text_options(const Document& specification, IndexKind kind, const ModelPlace& place) {
  const auto weights = specification.find("weights");
  if (!weights) return;
  if (kind != IndexKind::text) throw model_error(place, "weights are for text indexes", "drop them");
  if (weights->string() && weights->string() != "$**")
    throw model_error(place, "its weights are a string", "write them as {\"field\": 10}");
  const Document named = weights->is_document() ? *weights->document() : Document();
  for (const Field& weight : named.fields()) {
    const auto number = weight.type() == BSON_TYPE_BOOL ? std::nullopt : weight.number();
    if (!number || !(*number >= 1 && *number < 100000))
      throw model_error(place, fmt::format("the weight of {} is out of range", json_quoted(weight.key())),
                        "it is a number from 1 to 99999");
  }
}

void require_plane_options(const Document& specification, IndexKind kind, const ModelPlace& place) {
  if (kind != IndexKind::plane) return;
  const auto bits = specification.integer("bits");
  if (bits && (*bits < 1 || *bits > 32))
    throw model_error(place, "its bits are out of range", "they are a number from 1 to 32");
  const auto least = specification.find("min");
  const auto most = specification.find("max");
  if (!((least ? *least->number() : -180.0) < (most ? *most->number() : 180.0)))
    throw model_error(place, "its min isn't below its max", "the defaults are -180 and 180");
}

// Text and 2d indexes compare bytes; under a collection with a collation they inherit what they can't have.
void require_index_collation(const Document& specification, const Document& options, IndexKind kind,
                             const ModelPlace& place) {
  const auto own = specification.document("collation");
  if (own) require_collation(*own, place);
  if (kind != IndexKind::text && kind != IndexKind::plane) return;
  const Document effective = own ? *own : options.document("collation").value_or(Document());
  if (!canonical_collation(effective).empty())
    throw model_error(place, "text and 2d indexes can't have a collation, not even that of their collection",
                      "add collation={\"locale\": \"simple\"}");
}

void require_for_timeseries(const Document& specification, const Document& options, IndexKind kind,
                            const ModelPlace& place) {
  if (!options.has("timeseries")) return;
  if (kind == IndexKind::text || specification.boolean("unique").value_or(false))
    throw model_error(place, "a time series can't have text or unique indexes", "take it out of __indexes__");
}

}  // namespace

IndexKind require_index(const Document& specification, const Document& options, const ModelPlace& place) {
  require_settings(specification, kOptions, "an index", place);
  const Document key = specification.document("key").value_or(Document());
  const IndexKind kind = require_index_key(key, place);
  require_name(specification, place);
  require_no_clash(specification, kind, place);
  require_expiry(specification, key, place);
  require_projection(specification, key, kind, place);
  require_text_options(specification, kind, place);
  require_plane_options(specification, kind, place);
  require_index_collation(specification, options, kind, place);
  require_for_timeseries(specification, options, kind, place);
  return kind;
}

}  // namespace treering
