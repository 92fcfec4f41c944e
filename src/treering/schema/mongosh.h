// SPDX-License-Identifier: Apache-2.0
// Values and operations as JavaScript for mongosh. Pure.
#pragma once

#include <string>

#include "treering/base/document.h"
#include "treering/schema/brackets.h"
#include "treering/schema/operation.h"

namespace treering {

// Two spaces a level, as JavaScript is mostly written.
inline constexpr BracketLayout kMongoshLayout{.step = 2};

// A value as an expression that mongosh sends as the same BSON bytes: 1, NumberLong("1"), Double(1), 0.5, "text",
// {a: [1]}, ObjectId(".."), ISODate(".."), BinData(4, ".."), UUID(".."), NumberDecimal("1.5"), BSONRegExp("^a", "i"),
// Timestamp({t: 1, i: 2}), Code(".."), MinKey(), ... A document that JavaScript would keep in another order (numbers as
// names go first) or take for something else (`_bsontype`) becomes new Map([[name, value], ...]), which mongosh sends
// as a document. What can't be kept and means nothing is changed: the bits of a NaN, the order of a regular
// expression's options (BSON asks for that of the alphabet), the names of an array's items.
// Throw Error(Kind::usage), with field "field", on what mongosh can't send: two fields of one name, undefined,
// DBPointer, a date that no JavaScript date holds (the year 275760 is the last), a vector that isn't one, text that
// isn't UTF-8.
std::string mongosh_value(const Field& value, const BracketLayout& layout = kMongoshLayout);
std::string mongosh_document(const Document& document, const BracketLayout& layout = kMongoshLayout);

// An operation as the statements of a script, without indentation at the start of the first one and each with its
// semicolon: run(() => db.getCollection("users").drop()); where `run` is the script's own function that calls what it
// gets and looks at the reply. `db` is `database`; another database is named. Methods of the shell where they send what
// our command is, else db.runCommand. A long write is several statements; one without statements is "".
// Throws what mongosh_value throws, and where a command's own fields have no order in JavaScript.
std::string mongosh_statement(const Operation& operation, const std::string& database, int indent = 0);

}  // namespace treering
