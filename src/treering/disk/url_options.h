// SPDX-License-Identifier: Apache-2.0
// The options that a server's URL may have. Their names are told apart without regard to case.
#pragma once

#include <string>
#include <string_view>

namespace treering {

bool is_harmless_option(std::string_view name);  // a value of it holds no secret
bool is_secret_option(std::string_view name);
bool is_known_option(std::string_view name);  // to a driver

// The option that `name` is most likely a slip of, or "".
std::string nearest_option(std::string_view name);

}  // namespace treering
