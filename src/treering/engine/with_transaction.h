// SPDX-License-Identifier: Apache-2.0
// Work that commits or aborts as one, begun again where the server asks for it.
#pragma once

#include <functional>

#include "treering/base/error.h"
#include "treering/engine/port/clock.h"
#include "treering/engine/port/database.h"

namespace treering {

// Whether a server that said this to `hello` numbers transactions and retryable writes: a member of a replica set, or
// mongos. One that stands alone doesn't.
bool has_transaction_numbers(const Document& hello);

// Whether the server behind the connection has transactions: a replica set from 4.0 on, a sharded cluster from 4.2 on.
bool has_transactions(Connection& connection);

// Begins a transaction, runs `body` and commits. Where `body` threw what `may_be_repeated` allows, or the commit's
// error has the label TransientTransactionError, all of it is done again; where nobody knows whether the commit was
// done, the commit is asked for again: both for 120 seconds at most, as the drivers' specification of withTransaction
// says. Throws what `body` threw last, with the transaction aborted, or what the commit threw last;
// Error(Kind::interrupted). has_label(..., kUnknownCommit): it may be committed.
void with_transaction(Connection& connection, Clock& clock, const TransactionOptions& options,
                      const std::function<void()>& body, const std::function<bool(const Error&)>& may_be_repeated);

}  // namespace treering
