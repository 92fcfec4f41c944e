// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/with_transaction.h"

#include <algorithm>

#include "treering/base/reply.h"

namespace treering {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kPatience{120};

// Pauses that grow, until patience is at its end.
class Retries {
 public:
  explicit Retries(Clock& clock) : clock_(clock), start_us_(clock.monotonic_us()) {}

  // False: it is time to give up.
  bool wait() {
    const auto spent = std::chrono::microseconds(clock_.monotonic_us() - start_us_);
    if (spent + pause_ >= kPatience) return false;
    clock_.pause(pause_);
    pause_ = std::min(pause_ * 2, milliseconds(500));
    return true;
  }

 private:
  Clock& clock_;
  std::int64_t start_us_;
  milliseconds pause_{5};
};

bool timed_out(const Error& error) {
  const auto* refused = dynamic_cast<const ServerError*>(&error);
  return refused != nullptr && refused->code() == kExecutionTimeout;
}

void abort(Connection& connection) {
  if (connection.in_transaction()) connection.abort_transaction();
}

// True where it is committed, false where all has to be done again. `may_be_done`: somebody tried, and nobody knows.
bool ask_for_commit(Connection& connection, Retries& retries, bool& may_be_done) {
  while (true) {
    try {
      connection.commit_transaction();
      return true;
    } catch (const Error& error) {
      const bool is_unknown = has_label(error, kUnknownCommit);
      const bool again = is_unknown && !timed_out(error);
      const bool whole = !again && has_label(error, kTransient);
      may_be_done = !whole && (may_be_done || is_unknown);
      if ((!again && !whole) || !retries.wait()) throw;
      if (whole) return false;
    }
  }
}

// Once nobody knows whether it is done, whatever is thrown says so: a signal during the wait, too.
bool commit(Connection& connection, Retries& retries) {
  bool may_be_done = false;
  try {
    return ask_for_commit(connection, retries, may_be_done);
  } catch (Error& error) {
    if (may_be_done) add_label(error, kUnknownCommit);
    throw;
  }
}

}  // namespace

bool has_transaction_numbers(const Document& hello) {
  return hello.has("setName") || hello.string("msg") == "isdbgrid";
}

bool has_transactions(Connection& connection) {
  constexpr std::int64_t kReplicaSets = 7;      // 4.0
  constexpr std::int64_t kShardedClusters = 8;  // 4.2
  const Document hello = connection.hello();
  const auto version = hello.integer("maxWireVersion").value_or(0);
  if (hello.string("msg") == "isdbgrid") return version >= kShardedClusters;
  return hello.has("setName") && version >= kReplicaSets;
}

void with_transaction(Connection& connection, Clock& clock, const TransactionOptions& options,
                      const std::function<void()>& body, const std::function<bool(const Error&)>& may_be_repeated) {
  Retries retries(clock);
  while (true) {
    connection.begin_transaction(options);
    try {
      body();
    } catch (const Error& error) {
      abort(connection);
      if (!may_be_repeated(error) || !retries.wait()) throw;
      continue;
    } catch (...) {
      abort(connection);
      throw;
    }
    if (commit(connection, retries)) return;
  }
}

}  // namespace treering
