// SPDX-License-Identifier: Apache-2.0
// Which of several indexes the server refused. Pure: from what it said.
#pragma once

#include <cstddef>
#include <optional>

#include "treering/base/document.h"
#include "treering/schema/operation.h"

namespace treering {

// `reply`: to the createIndexes of all of them. Nothing where it doesn't tell.
std::optional<std::size_t> refused_index(const CreateIndexes& asked, const Document& reply);

}  // namespace treering
