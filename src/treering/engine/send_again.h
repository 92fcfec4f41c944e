// SPDX-License-Identifier: Apache-2.0
// Operations whose connection broke: what can be sent once more, and what the server says when the first one had got
// there. Pure.
#pragma once

#include "treering/schema/operation.h"

namespace treering {

// Whether twice is as once. Commands of the code's own may be anything; the driver sees to writes
// (Connection::command).
bool can_be_sent_again(const Operation& operation);

// Whether a refusal with that code says that it was carried out before.
bool says_done_before(const Operation& operation, int code);

}  // namespace treering
