// SPDX-License-Identifier: Apache-2.0
// Reading a collection of ours, of which some documents may be damaged.
#pragma once

#include <vector>

#include "treering/base/error.h"
#include "treering/engine/store.h"

namespace treering {

// What `from` makes of each document, and the Error that it throws for a damaged one.
template <typename Value>
Sifted<Value> sift(const std::vector<Document>& documents, Value (*from)(const Document&)) {
  Sifted<Value> result;
  for (const Document& document : documents) {
    try {
      result.sound.push_back(from(document));
    } catch (const Error& error) {
      result.damaged.push_back(error);
    }
  }
  return result;
}

}  // namespace treering
