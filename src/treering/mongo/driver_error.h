// SPDX-License-Identifier: Apache-2.0
// What libmongoc itself says went wrong, without a refusal from a server, as our errors.
#pragma once

#include <string>
#include <string_view>

#include "treering/base/document.h"
#include "treering/mongo/handle.h"

namespace treering {

// What messages say about the other end.
struct Peer {
  std::string hosts;
  std::string user;
  std::string replica_set;  // that the URL names; "" for none
};

bool is_authentication(const bson_error_t& error);

// Throws Error: authentication, unreachable, or usage where libmongoc doesn't take the command. `reply`: what libmongoc
// filled in, for its error labels; they go into the field "error_labels". `doing`: the command's name.
[[noreturn]] void throw_driver_error(const bson_error_t& error, const Peer& peer, std::string_view doing,
                                     const Document& reply = {});

}  // namespace treering
