// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/model_place.h"

#include <fmt/format.h>

#include <utility>

namespace treering {

ModelPlace place_of_model(const Document& model) {
  ModelPlace place;
  place.file = model.string("file").value_or("");
  place.line = static_cast<int>(model.integer("line").value_or(0));
  place.class_name = model.string("class").value_or("");
  return place;
}

Error model_error(const ModelPlace& place, const std::string& wrong, std::string hint) {
  const std::string about = place.index.empty() ? "" : "index " + place.index + ": ";
  Error error(Kind::models,
              fmt::format("{}:{}: class {}: {}{}", place.file, place.line, place.class_name, about, wrong),
              std::move(hint));
  error.with("class", place.class_name).with("file", place.file).with("line", std::to_string(place.line));
  if (!place.index.empty()) error.with("index", place.index);
  return error;
}

}  // namespace treering
