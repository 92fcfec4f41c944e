// SPDX-License-Identifier: Apache-2.0
// Reads records from stdin, each a decimal length, a line feed and that many bytes, and prints what read_header makes
// of each as one line of JSON:
// {"revision": ..., "down_revision": [...], ...}, null where it finds no header, {"error": ..., "line": ...} where it
// refuses.
#include <iostream>
#include <string>

#include "treering/base/error.h"
#include "treering/base/quote.h"
#include "treering/history/revision_file.h"

namespace {

using treering::json_quoted;

std::string json_list(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items) text += (text.size() > 1 ? ", " : "") + json_quoted(item);
  return text + "]";
}

std::string json_of(const treering::Revision& revision) {
  return "{\"revision\": " + json_quoted(revision.id) + ", \"down_revision\": " + json_list(revision.parents) +
         ", \"branch_labels\": " + json_list(revision.labels) + ", \"depends_on\": " + json_list(revision.depends_on) +
         ", \"doc\": " + json_quoted(revision.doc) + ", \"message\": " + json_quoted(revision.message) + "}";
}

std::string answer(const std::string& text) {
  try {
    const auto revision = treering::read_header(text, "generated.py");
    return revision ? json_of(*revision) : "null";
  } catch (const treering::Error& error) {
    return "{\"error\": " + json_quoted(error.what()) + ", \"line\": " + std::string(error.field("line")) + "}";
  }
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  std::string length;
  while (std::getline(std::cin, length)) {
    std::string text(std::stoul(length), '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    std::cout << answer(text) << '\n';
  }
}
