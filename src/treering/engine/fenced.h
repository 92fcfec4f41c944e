// SPDX-License-Identifier: Apache-2.0
// What to tell where the server refuses a session in which whoever took the lease has written (Connection::fence).
#pragma once

#include <string>

#include "treering/base/error.h"

namespace treering {

Error fenced(const std::string& database);

}  // namespace treering
