// SPDX-License-Identifier: Apache-2.0
// The files of a project beside its revisions: snapshots of the models, and any file by its path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace treering {

// Paths are relative to the root (absolute ones stand for themselves). Every method throws Error(Kind::file) naming the
// path where the file system refuses. Thread-safe.
class ProjectFiles {
 public:
  // `snapshots`: a folder, relative to `root` (absolute); made when the first one is written.
  ProjectFiles(std::string root, const std::string& snapshots);

  // As people see it: relative to the root where it is below it.
  std::string shown(const std::string& path) const;
  std::string on_disk(const std::string& path) const;

  // The ids that have a snapshot, in no order; none where there is no folder.
  std::vector<std::string> snapshots() const;
  // Throws for an id that is no file name.
  std::string snapshot_path(const std::string& revision) const;
  std::string create_snapshot(const std::string& revision, const std::string& text) const;

  bool exists(const std::string& path) const;
  // Makes folders that are missing and replaces what is there, whole or not at all; what a link leads to, not the link.
  void write(const std::string& path, const std::string& text) const;
  // Fine with what isn't there.
  void remove(const std::string& path) const;

 private:
  std::string root_;
  std::string snapshots_;  // as shown
};

// Whether it can be the name of a file in a folder: not empty, ".", "..", and without separators and NUL.
bool is_file_name(std::string_view name);

}  // namespace treering
