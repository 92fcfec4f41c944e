// SPDX-License-Identifier: Apache-2.0
// Which of the renames that models speak of (`__renamed_from__`) are to be made now. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "treering/schema/schema.h"
#include "treering/schema/steps.h"

namespace treering {

// A rename that isn't made, and why.
struct RefusedRename {
  Rename rename;
  std::string text;  // one line: "collection orders to old_orders, which is there already (...)"
};

struct RenamePlan {
  std::vector<Rename> renames;  // in the order of the models
  std::vector<RefusedRename> refused;

  // Collections of the database that have to stay just as they are: nobody knows yet whose documents they hold.
  std::set<std::string, std::less<>> staying;

  // Models that aren't made as long as their rename isn't.
  std::set<std::string, std::less<>> waiting;

  // Views, which no server renames and which lose nothing: they go, and their models come.
  std::set<std::string, std::less<>> views;

  const Rename* to(std::string_view name) const;    // nullptr where none leads there
  const Rename* from(std::string_view name) const;  // nullptr where none starts there
};

// A rename whose new name is taken is made all the same where what has that name is renamed itself. A model keeps
// saying `__renamed_from__` after the rename: `snapshot` tells that from one that is still to come.
RenamePlan plan_renames(const Schema& snapshot, const Schema& models, const Schema& live);

}  // namespace treering
