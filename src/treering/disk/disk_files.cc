// SPDX-License-Identifier: Apache-2.0
// Ten thousand revision files are an ordinary project: names come from the folder alone, and headers are read with one
// call each.
#include "treering/disk/disk_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <future>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>

#include "treering/base/error.h"

namespace treering {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWorthASecondThread = 500;
// The size of a folder of some hundred files. ext4 takes three milliseconds to list ten thousand, as long as connecting
// to a server takes.
constexpr off_t kWorthReadingAhead = 32768;
constexpr std::size_t kChunk = 65536;
constexpr std::size_t kTimestampDigits = 14;  // YYYYmmddHHMMSS

std::string reason(int code) { return std::generic_category().message(code); }

Error failure(const std::string& what, const std::string& path, int code) {
  Error error(Kind::file, what + " " + path + ": " + reason(code));
  return error.with("file", path);
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool valid() const { return number_ >= 0; }

 private:
  int number_;
};

bool is_revision_name(std::string_view name) {
  return name.ends_with(".py") && !name.starts_with('.') && !name.starts_with("__");
}

// Removes a file unless told that it was put in its place.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }
  void gone() { path_.clear(); }

 private:
  std::string path_;
};

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

// Moves without replacing. Gives 0 or errno.
int move_exclusively(TemporaryFile& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.path().c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    from.gone();
    return 0;
  }
  if (errno != EINVAL && errno != ENOSYS) return errno;
  return ::link(from.path().c_str(), to.c_str()) == 0 ? 0 : errno;  // file systems without the flag have links
}

class DiskFiles : public Files {
 public:
  DiskFiles(std::string root, const std::vector<std::string>& versions) : root_(std::move(root)) {
    for (const std::string& folder : versions) folders_.push_back(shown(folder));
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
    if (name.empty() || name == "." || name == ".." ||
        name.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos)
      throw Error(Kind::file, "\"" + name.substr(0, name.find('\0')) + "\" is no name for a revision file",
                  "a name holds no path separators");
    const std::string& folder = folders_.front();
    const std::string path = join(folder, name);
    require_folder(folder);
    if (fs::exists(fs::symlink_status(on_disk(path)))) throw taken(path);
    write_new(folder, path, text);
    return path;
  }

 private:
  // As people see it: relative to the root where it is below it.
  std::string shown(const std::string& folder) const {
    const fs::path path = (fs::path(root_) / folder).lexically_normal();
    const std::string relative = path.lexically_relative(fs::path(root_).lexically_normal()).string();
    return relative.empty() || relative.starts_with("..") ? path.string() : relative;
  }

  static std::string join(const std::string& folder, const std::string& name) {
    return folder == "." ? name : folder + "/" + name;
  }

  std::string on_disk(const std::string& path) const { return (fs::path(root_) / path).string(); }

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
      throw failure("can't read the folder", folder, errno);
    }
    errno = 0;
    while (const dirent* entry = ::readdir(stream))
      if (is_revision_name(entry->d_name) && entry->d_type != DT_DIR) take(entry->d_name);
    const int code = errno;
    ::closedir(stream);
    if (code != 0) throw failure("can't read the folder", folder, code);
  }

  std::string read_some(const std::string& path, std::size_t limit) const {
    const Descriptor file(::open(on_disk(path).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) throw failure("can't read", path, errno);
    std::string text;
    while (limit == 0 || text.size() < limit) {
      const std::size_t wanted = limit == 0 ? kChunk : limit - text.size();
      const std::size_t before = text.size();
      text.resize(before + wanted);
      const ssize_t size = ::read(file.number(), text.data() + before, wanted);
      const int code = errno;
      text.resize(before + static_cast<std::size_t>(size > 0 ? size : 0));
      if (size < 0 && code == EINTR) continue;
      if (size < 0) throw failure("can't read", path, code);
      if (size == 0) break;
    }
    return text;
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
    // Hidden, and unique to this process and call: list() never sees a file that is half written.
    static std::atomic<unsigned> calls{0};
    const std::string unique = ".treering-" + std::to_string(::getpid()) + "-" + std::to_string(calls++) + ".tmp";
    const std::string temporary = on_disk(join(folder, unique));
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!file.valid()) throw failure("can't write a file into", folder, errno);
    TemporaryFile written(temporary);
    if (!write_all(file.number(), text)) throw failure("can't write a file into", folder, errno);
    const Descriptor parent(::open(on_disk(folder).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent.valid() || ::flock(parent.number(), LOCK_EX) != 0)
      throw failure("can't write a file into", folder, errno);
    require_free_id(folder, path);
    const int code = move_exclusively(written, on_disk(path));
    if (code == EEXIST) throw taken(path);
    if (code != 0) throw failure("can't write a file into", folder, code);
    ::fsync(parent.number());  // the name, too, outlives a power cut
  }

  std::string root_;
  std::vector<std::string> folders_;  // as shown
};

}  // namespace

std::unique_ptr<Files> disk_files(std::string root, const std::vector<std::string>& versions) {
  return std::make_unique<DiskFiles>(std::move(root), versions);
}

}  // namespace treering
