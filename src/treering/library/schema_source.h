// SPDX-License-Identifier: Apache-2.0
// The sides of a comparison: what a person may name as a schema.
#pragma once

#include <string>
#include <vector>

#include "treering/library/open_project.h"
#include "treering/schema/compare.h"

namespace treering {

// Whether the comparison needs somebody who can read the models.
bool is_models_source(const std::string& source);
// Whether it needs the project's own database.
bool is_live_source(const std::string& source);

// What turns `a` into `b`. Each is "models", "live" (the project's database), "head" (the snapshots at the heads of the
// files) or a mongodb:// URL that names its database. Of a database, the documents are compared that the other side
// names as initial data. Throws Error(Kind::usage) for anything else, and what reading the sides throws.
std::vector<Difference> compare_sources(OpenProject& project, const std::string& a, const std::string& b);

}  // namespace treering
