// SPDX-License-Identifier: Apache-2.0
// The Files port on the real file system.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "treering/engine/port/files.h"

namespace treering {

// `versions`: folders relative to `root` (absolute). Paths shown are relative to root. Creates no folder.
std::unique_ptr<Files> disk_files(std::string root, const std::vector<std::string>& versions);

}  // namespace treering
