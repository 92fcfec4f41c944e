// SPDX-License-Identifier: Apache-2.0
#include "resident.h"

#include <fstream>
#include <string>

namespace treering {

long peak_resident_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word)
    if (long kib = 0; word == "VmHWM:" && status >> kib) return kib;
  return 0;
}

}  // namespace treering
