// SPDX-License-Identifier: Apache-2.0
// How far something long has come, in one line.
#pragma once

#include <cstddef>
#include <string>

#include "treering/engine/project.h"

namespace treering {

// "backfill users  [########------------]  40%  40,000 of 100,000 documents  12,500/s  4.8 s left"; without a total
// "reading users  40,000 documents  12,500/s"; when it has ended "backfill users  100,000 documents in 8.0 s".
// Where that is wider than `columns`, it has no bar.
std::string progress_line(const Progress& progress, std::size_t columns);

}  // namespace treering
