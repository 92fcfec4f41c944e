// SPDX-License-Identifier: Apache-2.0
// Concerns and transaction options as libmongoc takes them.
#pragma once

#include "treering/engine/port/database.h"
#include "treering/mongo/handle.h"

namespace treering {

// What `options` doesn't say is as the URL says. Reads go to the primary.
MongocHandle<mongoc_transaction_opt_t> transaction_options(const TransactionOptions& options, const mongoc_uri_t* uri);

}  // namespace treering
