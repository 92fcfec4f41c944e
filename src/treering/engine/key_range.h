// SPDX-License-Identifier: Apache-2.0
// A part of a collection by the values of one key, whatever their types are. Pure.
#pragma once

#include <string>
#include <vector>

#include "treering/base/document.h"

namespace treering {

// Whether a range begins after its first bound, as every range does that goes on from another, or with it.
enum class RangeStart { after, with };

// The values from `from` up to and with `to`, in the order in which the server sorts. Each bound is {"": value}.
struct KeyRange {
  Document from;
  Document to;
  RangeStart start = RangeStart::after;
};

// The query for them, and `filter`. A comparison by $gt or $lte only sees values of its own type (MongoDB manual,
// "Comparison/Sort Order", type bracketing), so that a range over several types is an $or.
// Throws Error(Kind::usage) where a bound is an array, a regular expression or undefined, which have no place in an
// order of single values.
Document range_query(const std::string& key, const KeyRange& range, const Document& filter);

// The queries for what comes after `from`, one after the other: values of its own type, then those of later types.
// Apart they are what an index is best at. An empty `from` is before everything: then there is one query.
std::vector<Document> after_queries(const std::string& key, const Document& from, const Document& filter);

}  // namespace treering
