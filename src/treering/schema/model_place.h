// SPDX-License-Identifier: Apache-2.0
// Where in the models' file something stands, and the errors that say so. Pure.
#pragma once

#include <string>

#include "treering/base/document.h"
#include "treering/base/error.h"

namespace treering {

struct ModelPlace {
  std::string file;
  int line = 0;
  std::string class_name;
  std::string index;  // its name; empty where it isn't about an index
};

// The place of a model, from its document: {class, file, line}.
ModelPlace place_of_model(const Document& model);

// "FILE:LINE: class NAME: what is wrong", or "...: index NAME: what is wrong", with its fields.
Error model_error(const ModelPlace& place, const std::string& wrong, std::string hint);

}  // namespace treering
