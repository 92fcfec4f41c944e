// SPDX-License-Identifier: Apache-2.0
// Reads BSON documents from stdin, one behind the other, and prints each as one line of JSON: {"imports": ...,
// "literal": ...} with the Python that stands for it, {"error": ...} where it is refused.
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "treering/base/error.h"
#include "treering/base/quote.h"
#include "treering/schema/render.h"

namespace {

using treering::json_quoted;

std::string answer(const std::vector<std::uint8_t>& bytes) {
  try {
    treering::Imports imports;
    const std::string literal = treering::python_document(treering::Document::from_bytes(bytes), imports);
    return "{\"imports\": " + json_quoted(imports.lines()) + ", \"literal\": " + json_quoted(literal) + "}";
  } catch (const treering::Error& error) {
    return "{\"error\": " + json_quoted(error.what()) + "}";
  }
}

// A document's first four bytes are its length, the least significant first.
std::vector<std::uint8_t> next_document() {
  std::vector<std::uint8_t> bytes(4);
  if (!std::cin.read(reinterpret_cast<char*>(bytes.data()), 4)) return {};
  std::uint32_t size = 0;
  for (int i = 3; i >= 0; --i) size = (size << 8) | bytes[static_cast<std::size_t>(i)];
  bytes.resize(size);
  std::cin.read(reinterpret_cast<char*>(bytes.data() + 4), static_cast<std::streamsize>(size) - 4);
  return bytes;
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (auto bytes = next_document(); !bytes.empty(); bytes = next_document()) std::cout << answer(bytes) << '\n';
}
