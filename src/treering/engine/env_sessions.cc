// SPDX-License-Identifier: Apache-2.0
// Sessions that the code of a migration starts by itself.
#include "treering/engine/env.h"

#include <utility>

#include "treering/engine/preview.h"

namespace treering {

Env::Session& Env::session(SessionNumber number) {
  const auto found = sessions_.find(number);
  if (found == sessions_.end())
    throw Error(Kind::usage, "this session has ended", "start another one with env.client.start_session()");
  return found->second;
}

SessionNumber Env::start_session() {
  std::lock_guard lock(mutex_);
  if (surroundings_.server == nullptr) throw Error(Kind::usage, "this env can start no sessions");
  auto connection = surroundings_.server->connect();
  if (surroundings_.session_started) surroundings_.session_started(connection->fenceable_sessions());
  sessions_.emplace(++last_session_, Session{std::move(connection), {}});
  return last_session_;
}

void Env::end_session(SessionNumber number) {
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(number);
  if (found == sessions_.end()) return;
  const auto connection = std::move(found->second.connection);
  sessions_.erase(found);
  if (surroundings_.preview != nullptr) surroundings_.preview->abort_transaction(number);
  if (connection->in_transaction()) connection->abort_transaction();
}

void Env::begin_transaction(SessionNumber number, const TransactionOptions& options) {
  std::lock_guard lock(mutex_);
  if (surroundings_.preview != nullptr) return surroundings_.preview->begin_transaction(number);
  session(number).connection->begin_transaction(options);
  session(number).uncommitted = {};
}

void Env::commit_transaction(SessionNumber number) {
  std::lock_guard lock(mutex_);
  if (surroundings_.preview != nullptr) return surroundings_.preview->commit_transaction(number);
  if (before_change_) before_change_();
  // Whatever comes of it: of a commit without an answer nobody knows whether it was done.
  Done committed = std::exchange(session(number).uncommitted, {});
  done_.committed.insert(done_.committed.end(), committed.schema.begin(), committed.schema.end());
  for (Done* done : {&done_, &done_in_sessions_}) {
    done->schema.insert(done->schema.end(), committed.schema.begin(), committed.schema.end());
    for (const auto& [collection, written] : committed.written) done->written[collection] += written;
    done->aggregated.merge(std::set<std::string>(committed.aggregated));
  }
  session(number).connection->commit_transaction();
}

void Env::abort_transaction(SessionNumber number) {
  std::lock_guard lock(mutex_);
  if (surroundings_.preview != nullptr) return surroundings_.preview->abort_transaction(number);
  session(number).uncommitted = {};
  session(number).connection->abort_transaction();
}

Document Env::session_id(SessionNumber number) {
  std::lock_guard lock(mutex_);
  return number == 0 ? connection_.session_id() : session(number).connection->session_id();
}

bool Env::in_transaction(SessionNumber number) const {
  std::lock_guard lock(mutex_);
  if (number == 0) return surroundings_.transaction != nullptr;
  const auto found = sessions_.find(number);
  return found != sessions_.end() && found->second.connection->in_transaction();
}

}  // namespace treering
