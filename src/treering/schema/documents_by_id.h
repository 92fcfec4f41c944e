// SPDX-License-Identifier: Apache-2.0
// Initial data, looked up by _id: thousands of documents are compared one by one. Pure.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "treering/base/document.h"

namespace treering {

// Equal for two ids that are one by value: 1 is 1.0.
std::string id_key(const Field& id);

// Borrows the documents. Those without an _id aren't found.
class DocumentsById {
 public:
  explicit DocumentsById(const std::vector<Document>& documents);
  const Document* find(const Field& id) const;  // nullptr where there is none
  // Whether there is a document with that one's _id, and it is the same by value.
  bool holds(const Document& document) const;

 private:
  std::unordered_map<std::string, const Document*> documents_;
};

}  // namespace treering
