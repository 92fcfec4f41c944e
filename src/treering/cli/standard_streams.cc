// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace treering {

// main.cc calls it before anything of the C++ library has started.
void hold_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    ::open("/dev/null", O_RDONLY);  // gets the lowest free number: those below are taken
  }
}

}  // namespace treering
