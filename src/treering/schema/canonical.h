// SPDX-License-Identifier: Apache-2.0
// One spelling per meaning. What a server adds to what it was told (versions, default options, default names, text
// indexes in their stored form, collations filled in) is taken off, so that what was asked for and what is there are
// equal as bytes. Sources: MongoDB manual, "createIndexes", "create", "Collation"; the stored forms of text indexes and
// of time series from the manual's "listIndexes" and "Time Series Collections". Pure; none throws on odd input from a
// server: what isn't known stays as it is.
#pragma once

#include <optional>
#include <string>

#include "treering/base/document.h"
#include "treering/schema/schema.h"

namespace treering {

// Every number that is whole and fits as int32, the rest that is whole as int64, else double; at every depth.
Document canonical_numbers(const Document& document);

// Options of the `create` command or of a listCollections document, without what is default: capped (size rounded as
// the server does), timeseries (derived bucket spans), clusteredIndex, collation, validator with level and action,
// pipeline, pre-images, ... in the order of their names.
Document canonical_options(const Document& options);

// {"locale", ...}: fields in the order of the manual, those at their default (for that locale) left out, as is
// "version". Empty for {locale: "simple"}.
Document canonical_collation(const Document& collation);

// From a specification as `createIndexes` takes it (a name may be missing) or as listIndexes gives it. `options`: the
// canonical options of its collection, whose collation an index inherits. Nothing for an index that isn't managed: the
// one on _id, that of a clustered collection, and the one that the server itself makes for a time series.
enum class IndexSource { specification, listing };
std::optional<Index> canonical_index(const Document& index, const Document& options, IndexSource source);

// {"key": {...}, "unique": true}; unique only where true. Empty for an empty document.
Document canonical_shard_key(const Document& shard_key);

// A document of initial data: "_id" first, everything else as it is.
Document canonical_data(const Document& document);

}  // namespace treering
