// SPDX-License-Identifier: Apache-2.0
// Ten thousand revision files are an ordinary project: names come from the folder alone, and headers are read with one
// call each.
#include "treering/disk/disk_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <future>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>

#include "treering/base/error.h"
#include "treering/disk/descriptor.h"
#include "treering/disk/post_write_hooks.h"
#include "treering/disk/project_files.h"
#include "treering/disk/whole_file.h"

namespace treering {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWorthASecondThread = 500;
// The size of a folder of some hundred files. ext4 takes three milliseconds to list ten thousand, as long as connecting
// to a server takes.
constexpr off_t kWorthReadingAhead = 32768;
constexpr std::size_t kTimestampDigits = 14;  // YYYYmmddHHMMSS

bool is_revision_name(std::string_view name) {
  return name.ends_with(".py") && !name.starts_with('.') && !name.starts_with("__");
}

class DiskFiles : public Files {
 public:
  DiskFiles(std::string root, const std::vector<std::string>& versions, const ProjectFilesOptions& options)
      : root_(std::move(root)), project_(root_, options.snapshots), hooks_(options.post_write_hooks) {
    for (const std::string& folder : versions) folders_.push_back(project_.shown(folder));
  }

  std::vector<RevisionFile> list() override {
    std::vector<RevisionFile> result;
    for (const std::string& folder : folders_)
      each_name(folder, [&](const char* name) { result.push_back({join(folder, name), name}); });
    return result;
  }

  std::function<std::string()> begin_names() override {
    const bool large = std::ranges::any_of(folders_, [&](const std::string& folder) {
      struct stat found{};
      return ::stat(on_disk(folder).c_str(), &found) == 0 && found.st_size >= kWorthReadingAhead;
    });
    if (!large) return [this] { return names(); };
    // Without a policy: where no thread can be had, it is done by the call.
    auto reading = std::make_shared<std::future<std::string>>(std::async([this] { return names(); }));
    return [reading] { return reading->get(); };
  }

  std::string read(const std::string& path) override { return read_some(path, 0); }

  std::vector<std::string> read_all(const std::vector<RevisionFile>& files, std::size_t limit) override {
    std::vector<std::string> texts(files.size());
    const auto read_range = [&](std::size_t from, std::size_t to) {
      for (std::size_t i = from; i < to; ++i) texts[i] = read_some(files[i].path, limit);
    };
    if (files.size() <= kWorthASecondThread) {
      read_range(0, files.size());
      return texts;
    }
    std::exception_ptr failed;
    {
      const std::size_t half = files.size() / 2;
      const std::jthread second([&] {
        try {
          read_range(half, files.size());
        } catch (...) {
          failed = std::current_exception();
        }
      });
      read_range(0, half);
    }
    if (failed) std::rethrow_exception(failed);
    return texts;
  }

  std::string create(const std::string& name, const std::string& text) override {
    if (!is_file_name(name))
      throw Error(Kind::file, "\"" + name.substr(0, name.find('\0')) + "\" is no name for a revision file",
                  "a name holds no path separators");
    const std::string& folder = folders_.front();
    const std::string path = join(folder, name);
    require_folder(folder);
    if (fs::exists(fs::symlink_status(on_disk(path)))) throw taken(path);
    write_new(folder, path, text);
    return path;
  }

  std::vector<std::string> snapshots() override { return project_.snapshots(); }
  std::string snapshot_path(const std::string& revision) override { return project_.snapshot_path(revision); }
  std::string create_snapshot(const std::string& revision, const std::string& text) override {
    return project_.create_snapshot(revision, text);
  }

  bool exists(const std::string& path) override { return project_.exists(path); }
  void write(const std::string& path, const std::string& text) override { project_.write(path, text); }
  void remove(const std::string& path) override { project_.remove(path); }

  std::vector<std::string> run_post_write_hooks(const std::string& path) override {
    return treering::run_post_write_hooks(hooks_, root_, on_disk(path));
  }

 private:
  static std::string join(const std::string& folder, const std::string& name) {
    return folder == "." ? name : folder + "/" + name;
  }

  std::string on_disk(const std::string& path) const { return project_.on_disk(path); }

  static Error missing(const std::string& folder) {
    Error error(Kind::config, "there is no folder " + folder + " for revision files", "create it with: treering init");
    return error.with("file", folder);
  }

  static Error taken(const std::string& path) {
    Error error(Kind::file, path + " exists already");
    return error.with("file", path);
  }

  void require_folder(const std::string& folder) const {
    std::error_code error;
    if (!fs::is_directory(on_disk(folder), error)) throw missing(folder);
  }

  std::string names() const {
    std::string result;
    for (const std::string& folder : folders_) each_name(folder, [&](const char* name) { (result += name) += '/'; });
    return result;
  }

  template <class Take>
  void each_name(const std::string& folder, const Take& take) const {
    DIR* stream = ::opendir(on_disk(folder).c_str());
    if (stream == nullptr) {
      if (errno == ENOENT || errno == ENOTDIR) throw missing(folder);
      throw file_failure("can't read the folder", folder, errno);
    }
    errno = 0;
    while (const dirent* entry = ::readdir(stream))
      if (is_revision_name(entry->d_name) && entry->d_type != DT_DIR) take(entry->d_name);
    const int code = errno;
    ::closedir(stream);
    if (code != 0) throw file_failure("can't read the folder", folder, code);
  }

  std::string read_some(const std::string& path, std::size_t limit) const {
    return read_file(on_disk(path), path, limit);
  }

  // REQUIRES: the folder is locked, so that nobody adds a file between this look and ours.
  void require_free_id(const std::string& folder, const std::string& path) const {
    const std::string name = fs::path(path).filename().string();
    const std::string id = name.substr(0, kTimestampDigits);
    if (id.size() < kTimestampDigits || id.find_first_not_of("0123456789") != std::string::npos) return;
    std::string found;
    each_name(folder, [&](std::string_view other) {
      if (other.starts_with(id)) found = other;
    });
    if (!found.empty()) throw taken(join(folder, found));
  }

  void write_new(const std::string& folder, const std::string& path, const std::string& text) const {
    WrittenFile written(on_disk(folder), folder, text);
    const Descriptor parent(::open(on_disk(folder).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent.valid() || ::flock(parent.number(), LOCK_EX) != 0)
      throw file_failure("can't write a file into", folder, errno);
    require_free_id(folder, path);
    const int code = written.move_exclusively(on_disk(path));
    if (code == EEXIST) throw taken(path);
    if (code != 0) throw file_failure("can't write a file into", folder, code);
    ::fsync(parent.number());  // the name, too, outlives a power cut
  }

  std::string root_;
  ProjectFiles project_;
  std::vector<std::string> hooks_;
  std::vector<std::string> folders_;  // as shown
};

}  // namespace

std::unique_ptr<Files> disk_files(std::string root, const std::vector<std::string>& versions,
                                  const ProjectFilesOptions& options) {
  return std::make_unique<DiskFiles>(std::move(root), versions, options);
}

}  // namespace treering
