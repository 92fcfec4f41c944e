// SPDX-License-Identifier: Apache-2.0
// Expressions over the server's own clock, in forms that every server evaluates alike. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "treering/base/document.h"

namespace treering {

// {$literal: text}: a string that is no path of a field.
Document literal(std::string_view text);

// The server's time plus that much.
Document server_time_plus(std::chrono::milliseconds time);

// Whether the date of that field ("lease.expires") lies before the server's time.
Document is_past(const std::string& field);

}  // namespace treering
