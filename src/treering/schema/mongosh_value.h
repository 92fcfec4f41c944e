// SPDX-License-Identifier: Apache-2.0
// The parts that rendered mongosh is put together from, before they are laid out in lines. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "treering/base/document.h"
#include "treering/schema/brackets.h"

namespace treering {

// Throw what mongosh_value throws (mongosh.h).
Brackets mongosh_brackets(const Field& value);
Brackets mongosh_brackets(const Document& document);
Brackets mongosh_list(const std::vector<Document>& documents);

// Whether a JavaScript object keeps the document's fields as they are; else it has to be a Map. Of the document itself,
// not of those inside.
bool is_plain_object(const Document& document);

// A call: "name(", the arguments, ")". A single argument in brackets opens on the call's line.
Brackets mongosh_call(std::string_view name, std::vector<Brackets> arguments);

// "text" as an argument.
Brackets mongosh_text(std::string_view text);

}  // namespace treering
