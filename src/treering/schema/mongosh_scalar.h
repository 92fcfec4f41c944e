// SPDX-License-Identifier: Apache-2.0
// Values without others inside, as mongosh expressions. Pure.
#pragma once

#include <string>

#include "treering/base/document.h"

namespace treering {

// REQUIRES: no document, no array, no code with scope. Throws what mongosh_value throws (mongosh.h).
std::string mongosh_scalar(const Field& value);

}  // namespace treering
