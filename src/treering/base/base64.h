// SPDX-License-Identifier: Apache-2.0
// Base64 as RFC 4648 has it, with its padding. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace treering {

std::string base64(std::span<const std::uint8_t> bytes);

}  // namespace treering
