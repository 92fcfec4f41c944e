// SPDX-License-Identifier: Apache-2.0
// Reads BSON documents from stdin, one behind the other, and prints each as one line of JSON: {"source": ...} with the
// mongosh that stands for it, {"error": ...} where it is refused.
//   print_mongosh documents          the expression of each document
//   print_mongosh operations DB      the statements of each operation (as the journal has it), in a script for DB
#include <cstdint>
#include <iostream>
#include <string>

#include "bson_input.h"
#include "treering/base/error.h"
#include "treering/base/quote.h"
#include "treering/schema/mongosh.h"

namespace {

using treering::json_quoted;

std::string answer(const std::vector<std::uint8_t>& bytes, const char* database) {
  try {
    const auto document = treering::Document::from_bytes(bytes);
    const std::string source = database == nullptr
                                   ? treering::mongosh_document(document)
                                   : treering::mongosh_statement(treering::operation_from(document), database);
    return "{\"source\": " + json_quoted(source) + "}";
  } catch (const treering::Error& error) {
    return "{\"error\": " + json_quoted(error.what()) + "}";
  }
}

}  // namespace

int main(int count, char** arguments) {
  std::ios::sync_with_stdio(false);
  const char* database = count > 2 ? arguments[2] : nullptr;
  for (auto bytes = treering::next_document(); !bytes.empty(); bytes = treering::next_document())
    std::cout << answer(bytes, database) << '\n';
}
