// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/absolute_path.h"

#include <filesystem>
#include <system_error>

#include "treering/base/error.h"

namespace treering {

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(path.empty() ? "." : path, error);
  if (!error) return whole.lexically_normal().string();
  const bool is_gone = error == std::errc::no_such_file_or_directory;
  throw Error(Kind::config,
              is_gone ? "the working directory is gone" : "the working directory can't be made out: " + error.message(),
              "cd to one that exists");
}

}  // namespace treering
