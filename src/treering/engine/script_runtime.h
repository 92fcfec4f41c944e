// SPDX-License-Identifier: Apache-2.0
// The part of a mongosh script that is the same in every one: bookkeeping, as store.cc, lease.cc and migrate.cc have
// it. Pure.
#pragma once

#include <string_view>

namespace treering {

// JavaScript functions, indented by two. REQUIRES, before it: the constants DATABASE, DIRECTION, VERSION and BEFORE.
// Offers: begin(revision, message), run(statement), finish(after, record, file), takeDatabase(), release(),
// stop(error).
std::string_view script_runtime();

}  // namespace treering
