// SPDX-License-Identifier: Apache-2.0
// A part of a collection by the values of one key, whatever their types are. Pure.
#pragma once

#include <string>
#include <vector>

#include "treering/base/document.h"

namespace treering {

// The values after `from` up to and with `to`, in the order in which the server sorts. Each is {"": value}; an empty
// `from` is before everything.
struct KeyRange {
  Document from;
  Document to;
};

// The query for them, and `filter`. A comparison by $gt or $lte only sees values of its own type (MongoDB manual,
// "Comparison/Sort Order", type bracketing), so that a range over several types is an $or.
// Throws Error(Kind::usage) where a bound is an array, a regular expression or undefined, which have no place in an
// order of single values.
Document range_query(const std::string& key, const KeyRange& range, const Document& filter);

// The query for what comes after `from`, to find where the next range ends.
Document after_query(const std::string& key, const Document& from, const Document& filter);

}  // namespace treering
