// SPDX-License-Identifier: Apache-2.0
// A lock between processes on a file (flock). The kernel releases it however its holder ends.
#pragma once

#include <string>

namespace treering {

enum class LockMode { shared, exclusive };

class FileLock {
 public:
  // Makes the file where it isn't there, and waits until the lock is free. Throws Error(Kind::file).
  FileLock(const std::string& path, LockMode mode);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();  // closes the file; other copies of it (after a fork) keep the lock

  // Makes a shared lock exclusive where nobody else holds it, without waiting.
  bool try_exclusive();

  // Also for copies of the file that forked children hold.
  void release();

  // The number of the open file, which stays open and locked in a program that replaces this one.
  int keep_across_exec();

  // Whether `fd` is an open file on the same lock.
  bool is_same_file(int fd) const;
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace treering
