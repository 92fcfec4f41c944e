// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "treering/disk/descriptor.h"

namespace treering {
namespace {

constexpr std::size_t kChunk = 65536;

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

// Unique to this process and call. Hidden, so that no list of a folder takes up a file that is half written.
std::string hidden_name() {
  static std::atomic<unsigned> calls{0};
  return ".treering-" + std::to_string(::getpid()) + "-" + std::to_string(calls++) + ".tmp";
}

Error not_a_file(const std::string& shown) {
  Error error(Kind::file, "can't read " + shown + ": it is not a file", "move it away, or put the file in its place");
  return error.with("file", shown);
}

}  // namespace

Error file_failure(const std::string& what, const std::string& path, int code) {
  Error error(Kind::file, what + " " + path + ": " + std::generic_category().message(code));
  return error.with("file", path);
}

std::string read_file(const std::string& path, const std::string& shown, std::size_t limit) {
  // Neither waits for whoever writes into a pipe, nor reads a device that has no end.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) throw file_failure("can't read", shown, errno);
  struct stat found{};
  if (::fstat(file.number(), &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode))
    throw not_a_file(shown);
  std::string text;
  while (limit == 0 || text.size() < limit) {
    const std::size_t wanted = limit == 0 ? kChunk : limit - text.size();
    const std::size_t before = text.size();
    text.resize(before + wanted);
    const ssize_t size = ::read(file.number(), text.data() + before, wanted);
    const int code = errno;
    text.resize(before + static_cast<std::size_t>(size > 0 ? size : 0));
    if (size < 0 && code == EINTR) continue;
    if (size < 0) throw file_failure("can't read", shown, code);
    if (size == 0) break;
  }
  return text;
}

WrittenFile::WrittenFile(const std::string& folder, const std::string& shown, std::string_view text)
    : path_((std::filesystem::path(folder) / hidden_name()).string()) {
  const Descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.valid()) throw file_failure("can't write a file into", shown, errno);
  if (write_all(file.number(), text)) return;
  const int code = errno;
  ::unlink(path_.c_str());
  throw file_failure("can't write a file into", shown, code);
}

WrittenFile::~WrittenFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

int WrittenFile::move_exclusively(const std::string& to) {
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    path_.clear();
    return 0;
  }
  if (errno != EINVAL && errno != ENOSYS) return errno;
  return ::link(path_.c_str(), to.c_str()) == 0 ? 0 : errno;  // file systems without the flag have links
}

int WrittenFile::move_over(const std::string& to) {
  struct stat found{};
  if (::stat(to.c_str(), &found) == 0) ::chmod(path_.c_str(), found.st_mode & 07777);  // an executable file stays one
  if (::rename(path_.c_str(), to.c_str()) != 0) return errno;
  path_.clear();
  return 0;
}

}  // namespace treering
