// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <charconv>
#include <string>
#include <vector>

#include "treering/cli/command_line.h"
#include "treering/cli/standard_streams.h"

namespace {

// The driver starts itself when it is loaded, before main, and warns on stderr where a killed process that had our pid
// left its shared memory behind. So that is taken away before libraries start.
void remove_leftover_memory() {
  char path[48] = "/dev/shm/mongoc-";
  constexpr std::size_t kPrefix = sizeof("/dev/shm/mongoc-") - 1;
  *std::to_chars(path + kPrefix, path + sizeof(path) - 1, ::getpid()).ptr = '\0';
  ::unlink(path);
}

void before_libraries() {
  treering::hold_standard_streams();  // they may open something
  remove_leftover_memory();
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const kBeforeLibraries)() = before_libraries;

}  // namespace

int main(int argc, char** argv) { return treering::command_line(std::vector<std::string>(argv + 1, argv + argc), {}); }
