// SPDX-License-Identifier: Apache-2.0
// How the test programs are given documents: on stdin, one behind the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <vector>

namespace treering {

// The bytes of the next document; empty at the end. A document's first four bytes are its length, the least
// significant first.
inline std::vector<std::uint8_t> next_document() {
  std::vector<std::uint8_t> bytes(4);
  if (!std::cin.read(reinterpret_cast<char*>(bytes.data()), 4)) return {};
  std::uint32_t size = 0;
  for (int i = 3; i >= 0; --i) size = (size << 8) | bytes[static_cast<std::size_t>(i)];
  bytes.resize(size);
  std::cin.read(reinterpret_cast<char*>(bytes.data() + 4), static_cast<std::streamsize>(size) - 4);
  return bytes;
}

}  // namespace treering
