// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/decimal_bits.h"

namespace treering {

std::optional<std::string> decimal_text(const bson_decimal128_t& decimal) {
  char text[BSON_DECIMAL128_STRING];
  bson_decimal128_to_string(&decimal, text);
  bson_decimal128_t back;
  if (!bson_decimal128_from_string(text, &back) || back.high != decimal.high || back.low != decimal.low)
    return std::nullopt;
  return text;
}

}  // namespace treering
