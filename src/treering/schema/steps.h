// SPDX-License-Identifier: Apache-2.0
// From one schema to another: the operations, in an order that is right. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "treering/schema/operation.h"
#include "treering/schema/schema.h"

namespace treering {

// What a group of operations is for: one group is one paragraph of a revision.
enum class Change { create, rename, drop, rebuild, replace, change };

// A collection's documents go into the trash where one is kept. A time series can't be renamed: its documents are gone
// with it, and a view has none.
enum class CollectionKind { collection, time_series, view };
CollectionKind kind_of(const Collection& collection);

struct Paragraph {
  Change change = Change::change;
  std::string collection;  // the name after it ran; of `drop` and `rename`: before
  std::string to;          // of `rename`
  bool is_view = false;
  CollectionKind dropped = CollectionKind::collection;  // what `drop` and `replace` drop
  // Destroys documents, and nobody allowed that: to be written as comments only.
  bool held_back = false;
  std::vector<Operation> operations;  // in the order to run them
};

struct Rename {
  std::string from;
  std::string to;
  friend bool operator==(const Rename&, const Rename&) = default;
};

// The paragraphs that make `to` of `from`, collections in the order of `to` and then what is dropped in the order of
// `from`. `renames` are collections of `from` that become others in `to`, no circle among them; what has a
// name that another one gets goes first, and the rest of what changed about them follows.
//
// Of one collection: indexes are built before those they replace are dropped, wherever both can stand at once; a
// validator comes after the data, and an old one that data might offend is switched off first; what `collMod` can do is
// done by it (expireAfterSeconds, hidden, unique by way of prepareUnique, validator, validationLevel, validationAction,
// changeStreamPreAndPostImages, capped size, granularity, a view's pipeline). What no server can change of a collection
// that exists (collation, clusteredIndex, capped or not, view or not) is a rebuild: a second collection, the documents
// copied, renamed over the first; or, for views and time series, a drop and a create.
std::vector<Paragraph> steps_between(const Schema& from, const Schema& to, const std::vector<Rename>& renames = {});

// How an index changes from one specification to another of the same name.
enum class IndexChange { none, modify, replace };  // `modify`: by collMod
IndexChange index_change(const Index& from, const Index& to);

// What it takes to give a collection other options.
enum class OptionsChange {
  none,
  modify,   // collMod
  rebuild,  // a copy that takes the collection's place: no document is lost that nobody writes meanwhile
  replace,  // drop and create: the documents are lost, where it isn't a view that is dropped
};
OptionsChange options_change(const Collection& from, const Collection& to);

// The options of `to`, but with what collMod can't change as it is in `from`.
Document modifiable_options(const Collection& from, const Collection& to);

}  // namespace treering
