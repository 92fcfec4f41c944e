// SPDX-License-Identifier: Apache-2.0
// Environment variables inside the values of a configuration: ${NAME}, ${NAME:-default}, and $$ for a dollar.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace treering {

using Environment = std::function<std::optional<std::string>(const std::string&)>;

// The text with its variables replaced. A default may hold variables itself; a replaced value is not looked at again.
// `place` ("treering.toml:3: url") starts the message of an error. Throws Error(Kind::config): a name that isn't set
// and has no default (names it), or a "${" that is no variable (quotes nothing: it may be a part of a password).
std::string expand_variables(std::string_view text, const Environment& environment, const std::string& place);

}  // namespace treering
