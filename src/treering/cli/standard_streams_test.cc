// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/standard_streams.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <initializer_list>

#include <cerrno>

namespace treering {
namespace {

// In a process of its own: 1 where a free descriptor went to somebody else, 2 where it doesn't fail as a closed one.
[[noreturn]] void open_with_free(std::initializer_list<int> closed) {
  for (const int fd : closed) ::close(fd);
  hold_standard_streams();
  if (::open("/dev/null", O_RDWR) <= STDERR_FILENO) ::_exit(1);
  char c = 0;
  for (const int fd : closed) {
    const bool fails = fd == STDIN_FILENO ? ::read(fd, &c, 1) == 0 : ::write(fd, "x", 1) == -1 && errno == EBADF;
    if (!fails || ::fcntl(fd, F_GETFD) != 0) ::_exit(2);
  }
  ::_exit(0);
}

TEST(StandardStreams, FreeOnesAreHeldAndFailAsClosedOnesDo) {
  EXPECT_EXIT(open_with_free({STDIN_FILENO}), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(open_with_free({STDOUT_FILENO}), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(open_with_free({STDERR_FILENO}), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(open_with_free({STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}), testing::ExitedWithCode(0), "");
}

TEST(StandardStreams, OpenOnesStayAsTheyAre) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int kept = ::dup(STDOUT_FILENO);
  ::dup2(ends[1], STDOUT_FILENO);
  hold_standard_streams();
  const ssize_t written = ::write(STDOUT_FILENO, "x", 1);
  ::dup2(kept, STDOUT_FILENO);
  EXPECT_EQ(written, 1);
  for (const int fd : {ends[0], ends[1], kept}) ::close(fd);
}

}  // namespace
}  // namespace treering
