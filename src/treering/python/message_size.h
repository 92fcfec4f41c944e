// SPDX-License-Identifier: Apache-2.0
// What is too large to be sent at all. pymongo says so by itself, as pymongo.errors.DocumentTooLarge; a server would
// close the connection.
#pragma once

#include <cstddef>

#include "treering/base/document.h"
#include "treering/schema/operation.h"

namespace treering::python {

// Below it nothing has to be asked about: no server takes less.
inline constexpr std::size_t kSurelyTaken = 16777216;

struct SizeLimits {
  std::size_t document_bytes;
  std::size_t message_bytes;
};
SizeLimits size_limits(const Document& hello);  // the reply to it

// Raise DocumentTooLarge as pymongo does; want the GIL.
void require_sendable(const Document& command, const SizeLimits& limits);
[[noreturn]] void raise_too_large(const Write& write, const Document& statement, const SizeLimits& limits);

// How many statements of a write come before the first that fits into no message.
std::size_t sendable_statements(const Write& write, const SizeLimits& limits);

}  // namespace treering::python
