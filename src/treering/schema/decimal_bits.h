// SPDX-License-Identifier: Apache-2.0
// Decimal128 as text without loss. Pure.
#pragma once

#include <bson/bson.h>

#include <optional>
#include <string>

namespace treering {

// "1.5", "1E+6000", "NaN"; nothing where the text would read back as other bits (a NaN with a payload, a coefficient
// past 34 digits).
std::optional<std::string> decimal_text(const bson_decimal128_t& decimal);

}  // namespace treering
