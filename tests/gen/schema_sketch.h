// SPDX-License-Identifier: Apache-2.0
// A schema as a generator keeps it: models in parts that can be changed one by one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "treering/base/document.h"
#include "treering/schema/model_schema.h"
#include "treering/schema/schema.h"

namespace treering {

struct ModelSketch {
  std::string name;
  Document options;
  std::vector<Document> indexes;  // specifications
  std::vector<Document> data;
  Document shard_key;
};

// As schema_from_models takes it. `line`: where its class stands; its indexes follow.
inline Document model_document(const ModelSketch& sketch, int line) {
  std::vector<Document> indexes;
  for (const Document& specification : sketch.indexes) {
    Document index;
    index.add("line", line + 1 + static_cast<int>(indexes.size())).add("spec", specification);
    indexes.push_back(std::move(index));
  }
  Document result;
  result.add("class", "Model" + std::to_string(line)).add("file", "models.py").add("line", line);
  result.add("name", sketch.name).add("options", sketch.options).add_array("indexes", indexes);
  result.add_array("data", sketch.data);
  if (!sketch.shard_key.empty()) result.add("shard_key", sketch.shard_key);
  return result;
}

struct SchemaSketch {
  std::vector<ModelSketch> models;

  std::vector<Document> documents() const {
    std::vector<Document> result;
    for (const ModelSketch& model : models)
      result.push_back(model_document(model, 1 + 100 * static_cast<int>(result.size())));
    return result;
  }
  Schema schema() const { return schema_from_models(documents()); }
};

// The document with that field set to the value of `source`'s field of that name, or without it where it has none.
inline Document replaced(const Document& document, std::string_view name, const Document& source = {}) {
  Document result;
  for (const Field& field : document.fields())
    if (field.key() != name) result.add(field);
  if (const auto field = source.find(name)) result.add(*field);
  return result;
}

}  // namespace treering
