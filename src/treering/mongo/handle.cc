// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/handle.h"

#include <sys/mman.h>
#include <unistd.h>

#include <string>

namespace treering {

void start_mongoc() {
  // Never cleaned up: connections may outlive any order of destruction at exit, and the kernel frees the rest.
  static const bool kStarted = [] {
    mongoc_log_set_handler(nullptr, nullptr);  // libmongoc warns on stderr; what matters comes as an error
    mongoc_init();
    return true;
  }();
  static_cast<void>(kStarted);
}

void leave_mongoc_for_exec() { shm_unlink(("/mongoc-" + std::to_string(getpid())).c_str()); }

}  // namespace treering
