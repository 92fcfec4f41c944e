// SPDX-License-Identifier: Apache-2.0
// The write-ahead journal's values: a schema operation of an attempt, written down before it is sent. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "treering/base/document.h"
#include "treering/schema/operation.h"

namespace treering {

struct JournalledOperation {
  std::int64_t number = 0;  // in its attempt, from 1 on
  Operation operation;
  std::optional<std::vector<Operation>> inverse;  // what undoes it, in order; nothing where no operation can
  // Of a rename: the moved collection's UUID as the server gave it, in hexadecimal; it says later whether the rename
  // took place. "" where the server gives none.
  std::string uuid;
  bool refused = false;  // the server said no: there is nothing to undo
};

Document document_of(const JournalledOperation& entry);
// Throws Error(Kind::server) on what isn't one.
JournalledOperation journalled_from(const Document& document);

}  // namespace treering
