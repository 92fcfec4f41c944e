// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "treering/base/error.h"

namespace treering {
namespace {

int flock_again(int fd, int operation) {
  int result = 0;
  do {
    result = flock(fd, operation);
  } while (result != 0 && errno == EINTR);
  return result;
}

}  // namespace

FileLock::FileLock(const std::string& path, LockMode mode)
    : fd_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  if (fd_ >= 0 && flock_again(fd_, mode == LockMode::shared ? LOCK_SH : LOCK_EX) == 0) return;
  const std::string why = std::strerror(errno);
  if (fd_ >= 0) close(fd_);
  throw Error(Kind::file, "can't lock " + path + ": " + why, "The folder must be writable.").with("file", path);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

bool FileLock::try_exclusive() { return flock_again(fd_, LOCK_EX | LOCK_NB) == 0; }

void FileLock::release() { flock_again(fd_, LOCK_UN); }

int FileLock::keep_across_exec() {
  fcntl(fd_, F_SETFD, fcntl(fd_, F_GETFD) & ~FD_CLOEXEC);
  return fd_;
}

bool FileLock::is_same_file(int fd) const {
  struct stat ours{};
  struct stat theirs{};
  return fd >= 0 && fd != fd_ && fstat(fd_, &ours) == 0 && fstat(fd, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
         ours.st_ino == theirs.st_ino;
}

}  // namespace treering
