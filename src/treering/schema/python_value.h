// SPDX-License-Identifier: Apache-2.0
// The parts that rendered Python is put together from, before they are laid out in lines. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "treering/base/document.h"
#include "treering/schema/brackets.h"
#include "treering/schema/render.h"

namespace treering {

// Throw Error(Kind::usage), with field "field", on what Python's bson can't write: undefined, symbol, DBPointer, two
// fields of one name, text that isn't UTF-8.
Brackets python_brackets(const Field& value, Imports& imports);
Brackets python_brackets(const Document& document, Imports& imports);
Brackets python_list(const std::vector<Document>& documents, Imports& imports);

// `before` in front of the value.
Brackets prefixed(std::string_view before, Brackets value);

// A call: "name(", the arguments, ")". A single argument in brackets opens on the call's line.
Brackets python_call(std::string_view name, std::vector<Brackets> arguments);

// name=value; what can't be a keyword goes last, as **{'2dsphereIndexVersion': 3}.
std::vector<Brackets> python_keywords(const std::vector<Field>& fields, Imports& imports);

// ASCII alone, and no keyword.
bool is_python_name(std::string_view text);

}  // namespace treering
