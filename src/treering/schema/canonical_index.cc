// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>

#include "treering/schema/canonical.h"
#include "treering/schema/canonical_fields.h"
#include "treering/schema/operation.h"
#include "treering/schema/text_index.h"

namespace treering {
namespace {

// What a server writes into a listing by itself, and what no server heeds any more.
constexpr std::array<std::string_view, 10> kDropped{
    "2dsphereIndexVersion", "background", "dropDups", "key", "name", "ns", "safe", "textIndexVersion", "v", "weights"};
constexpr std::array<std::string_view, 4> kFlags{"hidden", "prepareUnique", "sparse", "unique"};

struct NumberDefault {
  std::string_view option;
  double value;
};
constexpr std::array<NumberDefault, 3> kPlaneDefaults{{{"bits", 26}, {"min", -180}, {"max", 180}}};

bool has_kind(const Document& key, std::string_view kind) {
  const auto fields = key.fields();
  return std::ranges::any_of(fields, [&](const Field& field) { return field.string() == kind; });
}

bool is_id_key(const Document& key) {
  const auto fields = key.fields();
  return fields.size() == 1 && fields.front().key() == "_id" && fields.front().number();
}

// The server makes one over both fields of a time series, from version 6.3 on.
bool is_of_timeseries(const Document& spec, const Document& options) {
  const auto meta = options.string("timeseries.metaField");
  const auto time = options.string("timeseries.timeField");
  if (!meta || !time || spec.count() != 2) return false;
  Document key;
  key.add(*meta, 1).add(*time, 1);
  return spec.document("key") == key && spec.string("name") == default_index_name(key);
}

// Inclusion said as 1 or true is one inclusion; the order of a projection says nothing.
Document canonical_projection(const Document& projection) {
  Document result;
  for (const Field& field : fields_by_name(projection)) {
    if (field.type() == BSON_TYPE_BOOL) {
      result.add(field.key(), *field.boolean() ? 1 : 0);
    } else if (field.is_document()) {
      result.add(field.key(), canonical_projection(*field.document()));
    } else {
      add_canonical(result, field.key(), field);
    }
  }
  return result;
}

// What an index has of a collation beside the one of its collection. Simple comparison is listed as no collation, so
// under a collection with a collation it is what a listing without one says, and a specification has to spell out.
Document own_collation(const Document& index, const Document& options, IndexSource source) {
  const auto inherited = options.document("collation");
  const auto said = index.document("collation");
  if (!said && (!inherited || source == IndexSource::specification)) return {};
  Document own = said ? canonical_collation(*said) : Document();
  if (inherited ? own == *inherited : own.empty()) return {};
  if (own.empty()) own.add("locale", "simple");
  return own;
}

bool is_default(const Field& option, const Document& key) {
  const std::string_view name = option.key();
  if (std::ranges::find(kDropped, name) != kDropped.end()) return true;
  if (std::ranges::find(kFlags, name) != kFlags.end()) return option.boolean() == false;
  if (name == "default_language") return option.string() == "english";
  if (name == "language_override") return option.string() == "language";
  if (name == "storageEngine") return option.is_document() && option.document()->empty();
  const auto* plane = std::ranges::find(kPlaneDefaults, name, &NumberDefault::option);
  return plane != kPlaneDefaults.end() && has_kind(key, "2d") && option.number() == plane->value;
}

void add_option(Document& to, const Field& option) {
  const std::string_view name = option.key();
  if (std::ranges::find(kFlags, name) != kFlags.end() && option.boolean()) {
    to.add(name, true);
  } else if (name == "wildcardProjection" && option.is_document()) {
    to.add(name, canonical_projection(*option.document()));
  } else {
    add_canonical(to, name, option);
  }
}

// The options, not yet in order.
Document options_of(const Document& index, const Document& key, const Document& collection, IndexSource source) {
  Document result;
  for (const Field& option : index.fields())
    if (option.key() != "collation" && !is_default(option, key)) add_option(result, option);
  const Document collation = own_collation(index, collection, source);
  if (!collation.empty()) result.add("collation", collation);
  return result;
}

}  // namespace

std::optional<Index> canonical_index(const Document& index, const Document& options, IndexSource source) {
  if (index.boolean("clustered").value_or(false)) return std::nullopt;
  const Document written = index.document("key").value_or(Document());
  Document key = canonical_numbers(written);
  if (is_id_key(key)) return std::nullopt;

  Index result;
  Document settings = options_of(index, key, options, source);
  const auto weights = index.find("weights");
  if (is_text_key(key)) {
    TextIndex text = canonical_text_index(key, weights);
    if (!text.weights.empty()) settings.add("weights", text.weights);
    // A field that only the weights name is a part of the key, which the written one would then lack.
    if (source == IndexSource::specification && text.key != key && text.key.count() == key.count())
      result.written_key = std::make_shared<const Document>(std::move(key));
    key = std::move(text.key);
  } else if (weights) {
    add_canonical(settings, "weights", *weights);
  }
  const std::string name = index.string("name").value_or("");
  result.spec.add("key", key).add("name", name.empty() ? default_index_name(written) : name);
  for (const Field& option : fields_by_name(settings)) result.spec.add(option);
  if (is_of_timeseries(result.spec, options)) return std::nullopt;
  return result;
}

}  // namespace treering
