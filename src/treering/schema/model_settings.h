// SPDX-License-Identifier: Apache-2.0
// Settings of models against tables: which names there are, and of which type. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "treering/base/document.h"
#include "treering/schema/model_place.h"

namespace treering {

enum class SettingType { flag, boolean, number, text, document, list, number_or_text, text_or_document };

struct Setting {
  std::string_view name;
  SettingType type;
};

// Throws where the document has a name that isn't in the table ("<whole> has no option "uniqe"", the nearest named in
// the hint) or a value of another type. `whole` says what the settings are of: "an index", "a collation".
void require_settings(const Document& document, std::span<const Setting> table, const std::string& whole,
                      const ModelPlace& place);

// Throws where the field is there and none of the words.
void require_word(const Document& document, std::string_view name, std::span<const std::string_view> words,
                  const ModelPlace& place);

// A collation, of an index or a collection.
void require_collation(const Document& collation, const ModelPlace& place);

}  // namespace treering
