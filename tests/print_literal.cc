// SPDX-License-Identifier: Apache-2.0
// Reads BSON documents from stdin, one behind the other, and prints each as one line of JSON: {"imports": ...,
// "literal": ...} with the Python that stands for it, {"error": ...} where it is refused.
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "bson_input.h"
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

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (auto bytes = treering::next_document(); !bytes.empty(); bytes = treering::next_document())
    std::cout << answer(bytes) << '\n';
}
