// SPDX-License-Identifier: Apache-2.0
// Text indexes have two spellings of a key: as specified, {"title": "text"}, and as the server keeps it,
// {"_fts": "text", "_ftsx": 1} beside weights that name the fields. Pure.
#pragma once

#include <optional>

#include "treering/base/document.h"

namespace treering {

// Whether a field of the key is of the kind "text".
bool is_text_key(const Document& key);

struct TextIndex {
  Document key;      // every text field as {"name": "text"}, by name, where the first one stood
  Document weights;  // by name, those that aren't 1
};

// `key` in either spelling, its numbers canonical; `weights` as specified or listed. REQUIRES: is_text_key(key).
TextIndex canonical_text_index(const Document& key, const std::optional<Field>& weights);

}  // namespace treering
