// SPDX-License-Identifier: Apache-2.0
// Index specifications as arguments of create_index(...) in a revision and of Index(...) in a models file. Pure.
#pragma once

#include <vector>

#include "treering/base/document.h"
#include "treering/schema/brackets.h"
#include "treering/schema/render.h"

namespace treering {

// False for a specification that pymongo's create_index refuses or reads as something else: a key that is empty or has
// a value that is no integer, text or document, an option that is an argument of the method itself.
bool is_for_create_index(const Document& specification);

// "rec_date" or [("uid", 1), ("org_id", -1)], name=, unique=, sparse=, expireAfterSeconds=, partialFilterExpression=,
// collation=, hidden=, the rest by name. A name that is the default one isn't written.
enum class NameQuotes { single_ones, double_ones };
std::vector<Brackets> index_arguments(const Document& key, const Document& specification, NameQuotes quotes,
                                      Imports& imports);

}  // namespace treering
