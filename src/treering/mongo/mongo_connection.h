// SPDX-License-Identifier: Apache-2.0
// The Connection port on libmongoc.
#pragma once

#include <memory>

#include "treering/engine/port/database.h"
#include "treering/mongo/driver_error.h"
#include "treering/mongo/handle.h"
#include "treering/mongo/outage.h"

namespace treering {

// A single-threaded libmongoc client: it opens one socket, says hello once and starts no thread, so that a short
// command costs no more than the bare library does. Connects when it is first used. What it does for its caller:
// mongo_server.h. `peer` is who errors name.
std::unique_ptr<Connection> mongo_connection(MongocHandle<mongoc_uri_t> uri, Peer peer, std::shared_ptr<Outage> outage);

}  // namespace treering
