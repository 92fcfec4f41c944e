// SPDX-License-Identifier: Apache-2.0
// The Files port on the real file system.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "treering/engine/port/files.h"

namespace treering {

struct ProjectFilesOptions {
  std::string snapshots = "migrations/snapshots";  // a folder, relative to the root
  std::vector<std::string> post_write_hooks = {};  // command lines: see post_write_hooks.h
};

// `versions`: folders relative to `root` (absolute). Paths shown are relative to root. Creates none of these folders.
std::unique_ptr<Files> disk_files(std::string root, const std::vector<std::string>& versions,
                                  const ProjectFilesOptions& options = {});

}  // namespace treering
