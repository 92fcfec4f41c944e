// SPDX-License-Identifier: Apache-2.0
// Files that are read whole, and that are there whole or not at all.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "treering/base/error.h"

namespace treering {

// "can't read v/1.py: No such file or directory"; `code` is an errno, field "file" the path.
Error file_failure(const std::string& what, const std::string& path, int code);

// The first `limit` bytes (0: all) of the file at `path`, which messages call `shown`. Throws Error(Kind::file).
std::string read_file(const std::string& path, const std::string& shown, std::size_t limit);

// A text that is on disk already, but under a hidden name, which goes with this object unless it is moved to its place.
class WrittenFile {
 public:
  // Writes into `folder`, which messages call `shown`. Throws Error(Kind::file).
  WrittenFile(const std::string& folder, const std::string& shown, std::string_view text);
  WrittenFile(const WrittenFile&) = delete;
  WrittenFile& operator=(const WrittenFile&) = delete;
  ~WrittenFile();

  // Within the folder. Each gives 0 or errno: EEXIST where `move_exclusively` found something there.
  int move_exclusively(const std::string& to);
  int move_over(const std::string& to);

 private:
  std::string path_;  // "" once it was moved
};

}  // namespace treering
