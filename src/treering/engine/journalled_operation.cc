// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/journalled_operation.h"

#include "treering/base/error.h"

namespace treering {

Document document_of(const JournalledOperation& entry) {
  Document document;
  document.add("number", entry.number).add("operation", to_document(entry.operation));
  if (entry.inverse) {
    std::vector<Document> inverse;
    for (const Operation& operation : *entry.inverse) inverse.push_back(to_document(operation));
    document.add_array("inverse", inverse);
  }
  if (!entry.uuid.empty()) document.add("uuid", entry.uuid);
  if (entry.refused) document.add("refused", true);
  return document;
}

JournalledOperation journalled_from(const Document& document) {
  try {
    JournalledOperation entry;
    const auto number = document.integer("number");
    const auto operation = document.document("operation");
    if (!number || !operation) throw Error(Kind::usage, "its number or its operation is missing");
    entry.number = *number;
    entry.operation = operation_from(*operation);
    if (document.has("inverse")) {
      entry.inverse.emplace();
      for (const Document& one : document.documents("inverse")) entry.inverse->push_back(operation_from(one));
    }
    entry.uuid = document.string("uuid").value_or("");
    entry.refused = document.boolean("refused").value_or(false);
    return entry;
  } catch (const Error& error) {
    throw Error(Kind::server,
                std::string("treering_state: an operation of the open attempt can't be read: ") + error.what(),
                "look at attempt.operations of the document with _id \"state\"");
  }
}

}  // namespace treering
