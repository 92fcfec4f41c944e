// SPDX-License-Identifier: Apache-2.0
// A server's URL: read, completed with what MongoOptions says, and shown to people without its secrets.
#pragma once

#include <string>
#include <string_view>

#include "treering/mongo/handle.h"
#include "treering/mongo/mongo_server.h"

namespace treering {

// What libmongoc is to connect to. Throws Error(Kind::config), never quoting a secret.
MongocHandle<mongoc_uri_t> read_mongo_url(const MongoOptions& options);

// "h1:p1,h2:p2", or the name behind mongodb+srv://.
std::string hosts_of(const mongoc_uri_t* uri);

// The URL with everything before its last '@' that could be a user name or a password replaced by "***", and without
// the values of its options.
std::string redact_url(std::string_view url);

}  // namespace treering
