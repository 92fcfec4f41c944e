// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/send_again.h"

#include "treering/base/reply.h"

namespace treering {

bool can_be_sent_again(const Operation& operation) {
  return is_schema(operation) && !std::holds_alternative<RunCommand>(operation.body);
}

bool says_done_before(const Operation& operation, int code) {
  if (std::holds_alternative<DropCollection>(operation.body) ||
      std::holds_alternative<RenameCollection>(operation.body))
    return code == kNamespaceNotFound;
  if (std::holds_alternative<DropIndexes>(operation.body)) return code == kNamespaceNotFound || code == kIndexNotFound;
  return std::holds_alternative<CreateCollection>(operation.body) && code == kNamespaceExists;
}

}  // namespace treering
