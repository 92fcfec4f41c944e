// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/model_schema.h"

#include <fmt/format.h>

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "treering/base/quote.h"
#include "treering/schema/canonical.h"
#include "treering/schema/model_index.h"
#include "treering/schema/model_options.h"
#include "treering/schema/model_place.h"
#include "treering/schema/operation.h"

namespace treering {
namespace {

constexpr std::size_t kMostIndexes = 64;  // of one collection, that on _id included

// The place by which a table of things seen before says where: "class Wallet (models.py:12)".
std::string shown(const ModelPlace& place) {
  return fmt::format("class {} ({}:{})", place.class_name, place.file, place.line);
}

ModelPlace place_of_index(const Document& index, const Document& specification, const ModelPlace& model) {
  ModelPlace place = model;
  if (const auto line = index.integer("line"); line && *line > 0) place.line = static_cast<int>(*line);
  place.index = index_name(specification);
  return place;
}

// What tells two indexes of one key apart for the server; two that agree in all of it are one index to it.
std::string signature_of(const Index& index) {
  Document signature;
  for (const Field& field : index.spec.fields()) {
    const std::string_view name = field.key();
    const bool counts = name == "key" || name == "collation" || name == "partialFilterExpression" || name == "sparse" ||
                        name == "unique" || name == "wildcardProjection";
    if (counts) signature.add(field);
  }
  const auto bytes = signature.bytes();
  return {bytes.begin(), bytes.end()};
}

class IndexReader {
 public:
  IndexReader(const Document& options, Collection& collection, const ModelPlace& model)
      : options_(options), collection_(collection), model_(model) {}

  void read(const Document& index) {
    const Document specification = index.document("spec").value_or(Document());
    const ModelPlace place = place_of_index(index, specification, model_);
    const IndexKind kind = require_index(specification, options_, place);
    auto canonical = canonical_index(specification, collection_.options, IndexSource::specification);
    if (!canonical) return;  // the one that the server makes for a time series
    canonical->line = place.line;
    require_alone(*canonical, kind, place);
    collection_.indexes.push_back(*std::move(canonical));
  }

 private:
  void require_alone(const Index& index, IndexKind kind, const ModelPlace& place) {
    if (!names_.emplace(index.name()).second)
      throw model_error(place, "another index has that name", "give one of them another name: name=\"...\"");
    if (kind == IndexKind::text && std::exchange(has_text_, true))
      throw model_error(place, "a collection can't have two text indexes", "put the fields into one of them");
    const auto [other, is_new] = signatures_.emplace(signature_of(index), index.name());
    if (!is_new)
      throw model_error(place, fmt::format("index {} is on the same fields", other->second), "keep one of them");
    if (names_.size() >= kMostIndexes)
      throw model_error(place, "a collection can't have more than 64 indexes, that on _id included",
                        "take some of them out of __indexes__");
  }

  const Document& options_;
  Collection& collection_;
  const ModelPlace& model_;
  std::unordered_set<std::string> names_;
  std::unordered_map<std::string, std::string> signatures_;  // to the name of the index
  bool has_text_ = false;
};

void read_indexes(const Document& model, const Document& options, Collection& collection, const ModelPlace& place) {
  const auto indexes = model.documents("indexes");
  if (indexes.empty()) return;
  if (collection.is_view())
    throw model_error(place, "a view can't have indexes", "give them to the collection that the view reads");
  collection.indexes.reserve(indexes.size());
  IndexReader reader(options, collection, place);
  for (const Document& index : indexes) reader.read(index);
}

Collection read_model(const Document& model, const ModelPlace& place) {
  Collection result;
  result.name = model.string("name").value_or("");
  require_collection_name(result.name, place);
  result.class_name = place.class_name;
  result.file = place.file;
  result.line = place.line;

  const Document options = model.document("options").value_or(Document());
  require_options(options, place);
  result.options = canonical_options(options);
  read_indexes(model, options, result, place);

  const auto data = model.documents("data");
  require_data(data, options, place);
  result.data.reserve(data.size());
  for (const Document& document : data) result.data.push_back(canonical_data(document));

  const Document shard_key = model.document("shard_key").value_or(Document());
  require_shard_key(shard_key, options, place);
  result.shard_key = canonical_shard_key(shard_key);

  result.renamed_from = model.string("renamed_from").value_or("");
  if (result.renamed_from == result.name)
    throw model_error(place, "__renamed_from__ is the name that it has", "drop __renamed_from__");
  return result;
}

// Names that only one model can have, each with the place that has it.
using Owners = std::unordered_map<std::string, ModelPlace>;

void require_free(Owners& owners, const std::string& name, std::string_view what, const ModelPlace& place) {
  const auto [owner, is_new] = owners.emplace(name, place);
  if (!is_new)
    throw model_error(place, fmt::format("{} {} is that of {} already", what, json_quoted(name), shown(owner->second)),
                      "keep one of the two classes, or change one of the names");
}

}  // namespace

Schema schema_from_models(const std::vector<Document>& models) {
  std::vector<Collection> collections;
  collections.reserve(models.size());
  Owners names;
  Owners former_names;
  for (const Document& model : models) {
    const ModelPlace place = place_of_model(model);
    Collection collection = read_model(model, place);
    require_free(names, collection.name, "the collection", place);
    if (!collection.renamed_from.empty()) require_free(former_names, collection.renamed_from, "the former name", place);
    collections.push_back(std::move(collection));
  }
  return Schema(std::move(collections));
}

}  // namespace treering
