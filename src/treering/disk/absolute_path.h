// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace treering {

// `path` from the working directory on, without "." and ".."; "" is the working directory itself. Throws
// Error(Kind::config) where that is needed and somebody has removed it.
std::string absolute_path(const std::string& path);

}  // namespace treering
