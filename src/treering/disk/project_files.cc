// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/project_files.h"

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "treering/base/error.h"
#include "treering/disk/whole_file.h"

namespace treering {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSnapshotEnd = ".json";

void require_path(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos)
    throw Error(Kind::file, "\"" + path.substr(0, path.find('\0')) + "\" is no path of a file");
}

}  // namespace

bool is_file_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

ProjectFiles::ProjectFiles(std::string root, const std::string& snapshots)
    : root_(std::move(root)), snapshots_(shown(snapshots)) {}

std::string ProjectFiles::shown(const std::string& path) const {
  const fs::path whole = (fs::path(root_) / path).lexically_normal();
  const std::string relative = whole.lexically_relative(fs::path(root_).lexically_normal()).string();
  return relative.empty() || relative.starts_with("..") ? whole.string() : relative;
}

std::string ProjectFiles::on_disk(const std::string& path) const { return (fs::path(root_) / path).string(); }

std::vector<std::string> ProjectFiles::snapshots() const {
  std::vector<std::string> ids;
  std::error_code error;
  fs::directory_iterator entries(on_disk(snapshots_), error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (name.starts_with('.') || !name.ends_with(kSnapshotEnd) || name.size() == kSnapshotEnd.size()) continue;
    ids.push_back(name.substr(0, name.size() - kSnapshotEnd.size()));
  }
  if (error && error != std::errc::no_such_file_or_directory)
    throw file_failure("can't read the folder", snapshots_, error.value());
  return ids;
}

std::string ProjectFiles::snapshot_path(const std::string& revision) const {
  const std::string name = revision + std::string(kSnapshotEnd);
  if (!is_file_name(name)) throw Error(Kind::file, "no file can be named after the revision \"" + revision + "\"");
  return snapshots_ == "." ? name : snapshots_ + "/" + name;
}

std::string ProjectFiles::create_snapshot(const std::string& revision, const std::string& text) const {
  std::string path = snapshot_path(revision);
  write(path, text);
  return path;
}

bool ProjectFiles::exists(const std::string& path) const {
  require_path(path);
  std::error_code error;
  const fs::file_status status = fs::status(on_disk(path), error);
  if (status.type() == fs::file_type::none) throw file_failure("can't look for", shown(path), error.value());
  return fs::exists(status);
}

void ProjectFiles::write(const std::string& path, const std::string& text) const {
  require_path(path);
  std::error_code error;
  // A link to a file that isn't there is written through, too.
  const fs::path target = fs::weakly_canonical(on_disk(path), error);
  if (error) throw file_failure("can't write", shown(path), error.value());
  fs::create_directories(target.parent_path(), error);
  if (error) throw file_failure("can't make the folder of", shown(path), error.value());
  if (fs::is_directory(target, error)) throw file_failure("can't write", shown(path), EISDIR);
  WrittenFile written(target.parent_path().string(), shown(target.parent_path().string()), text);
  if (const int code = written.move_over(target.string()); code != 0)
    throw file_failure("can't write", shown(path), code);
}

void ProjectFiles::remove(const std::string& path) const {
  require_path(path);
  std::error_code error;
  if (fs::is_directory(fs::symlink_status(on_disk(path), error)))
    throw file_failure("can't remove", shown(path), EISDIR);
  fs::remove(on_disk(path), error);
  if (error && error != std::errc::not_a_directory) throw file_failure("can't remove", shown(path), error.value());
}

}  // namespace treering
