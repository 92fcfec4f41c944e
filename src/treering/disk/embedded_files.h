// SPDX-License-Identifier: Apache-2.0
// The files of the repository's templates/ folder, inside the program. The source is made when it is built.
#pragma once

#include <span>
#include <string_view>

namespace treering {

struct EmbeddedFile {
  std::string_view path;  // below templates/: "python/treering.toml"
  std::string_view text;
};

// Sorted by path.
std::span<const EmbeddedFile> embedded_files();

}  // namespace treering
