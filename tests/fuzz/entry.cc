// SPDX-License-Identifier: Apache-2.0
// Hands libFuzzer's input to the target that the build names. An exception that nobody caught ends the program, which
// is how libFuzzer hears of a find.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  treering::fuzz::TREERING_FUZZ_TARGET(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
