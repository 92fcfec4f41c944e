// SPDX-License-Identifier: Apache-2.0
// What the parts of the canonical form share: fields copied with their numbers in one spelling, and put in order. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "treering/base/document.h"

namespace treering {

// Appends the value under that key, its numbers canonical at every depth.
void add_canonical(Document& to, std::string_view key, const Field& value);

// The fields in the order of their names' bytes. They are valid as long as the document.
std::vector<Field> fields_by_name(const Document& document);

}  // namespace treering
