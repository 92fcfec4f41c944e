// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/env.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "treering/base/reply.h"
#include "treering/engine/command_effect.h"
#include "treering/engine/cursor.h"
#include "treering/engine/fenced.h"
#include "treering/engine/preview.h"

namespace treering {

bool is_internal_collection(std::string_view name) {
  constexpr std::string_view kOwn[] = {"treering_state", "treering_revisions", "treering_journal", "treering_backfills",
                                       "_db_version"};
  constexpr std::string_view kPrefixes[] = {"system.", "tmp.agg_out.", kTrashPrefix};
  return std::ranges::find(kOwn, name) != std::end(kOwn) ||
         std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

namespace {

bool is_own_collection(std::string_view name) { return is_internal_collection(name) && name.starts_with("treering_"); }

}  // namespace

// A migration that drops or changes what the run itself is noted in would end it, or have it told wrongly. Outside of a
// revision there is no run.
void Env::require_users(const std::string& database, const std::string& collection) const {
  if (!is_of_a_revision() || database != database_ || !is_own_collection(collection)) return;
  throw Error(Kind::usage, fmt::format("{} is Treering's own, and no migration may change it", collection),
              collection.starts_with(kTrashPrefix)
                  ? "leave it out; `treering trash` restores and empties what was dropped"
                  : "leave it out; env.collections has the names of the others");
}

void Env::require_users(const Operation& operation) const {
  require_users(operation.database, collection_of(operation));
  if (const auto* rename = std::get_if<RenameCollection>(&operation.body))
    require_users(operation.database, rename->to);
  const auto* run = std::get_if<RunCommand>(&operation.body);
  if (!is_of_a_revision() || run == nullptr) return;
  if (const auto target = aggregation_target(run->command, operation.database))
    require_users(target->database, target->collection);
  const auto name = run->command.first();
  if (name && name->key() == "renameCollection") {  // of the database admin, with names of two others
    for (const char* whole : {"renameCollection", "to"}) {
      const Namespace named = namespace_of(run->command.string(whole).value_or(""));
      require_users(named.database, named.collection);
    }
  }
  if (name && name->key() == "dropDatabase" && operation.database == database_)
    throw Error(Kind::usage,
                fmt::format("{} holds what Treering notes of this run, and can't be dropped by it", database_),
                "drop its collections: env.collections has their names");
}

Env::Env(Connection& connection, std::string database, std::function<void()> before_change,
         EnvSurroundings surroundings)
    : connection_(connection),
      database_(std::move(database)),
      before_change_(std::move(before_change)),
      surroundings_(std::move(surroundings)),
      reading_(surroundings_.clock, surroundings_.observer) {}

Document Env::read(const std::string& database, const Document& command, SessionNumber number) {
  std::lock_guard lock(mutex_);
  return read_locked(database, command, number);
}

Document Env::read_locked(const std::string& database, const Document& command, SessionNumber number) {
  if (surroundings_.preview != nullptr) return read_dry(database, command, number);
  send_what_a_read_may_see(database, command);
  if (number != 0) return send(database, command, *session(number).connection);
  const TransactionRules* rules = surroundings_.transaction;
  Connection& connection = rules == nullptr ? connection_ : rules->place_of(database, command, connection_);
  const Document reply = send(database, command, connection);
  reading_.note(connection, database, command, reply);
  return reply;
}

// The same refusals as where the command is sent in the revision's transaction.
Document Env::read_dry(const std::string& database, const Document& command, SessionNumber number) {
  send_what_a_read_may_see(database, command);
  TransactionRules* rules = number == 0 ? surroundings_.transaction : nullptr;
  const bool is_inside = rules != nullptr && &rules->place_of(database, command, connection_) != &rules->outside();
  try {
    return surroundings_.preview->read(database, command);
  } catch (const ServerError& error) {
    if (is_inside) rules->tell_failed(error);
    throw;
  }
}

Document Env::send(const std::string& database, const Document& command, Connection& connection) {
  if (!connection.in_transaction()) {
    try {
      return connection.command(database, command);
    } catch (const ServerError& error) {
      if (error.code() == kTransactionTooOld && surroundings_.journal != nullptr) throw fenced(database_);
      throw;
    }
  }
  // The transaction has its concerns as a whole; the server refuses those of a command.
  Document bare;
  for (const Field& field : command.fields())
    if (field.key() != "writeConcern" && field.key() != "readConcern") bare.add(field);
  if (surroundings_.transaction == nullptr || &connection != &connection_) return connection.command(database, bare);
  try {
    return connection.command(database, bare);
  } catch (const Error& error) {
    surroundings_.transaction->tell_failed(error);
    throw;
  }
}

std::vector<std::string> Env::collections() {
  std::lock_guard lock(mutex_);
  Document command;
  command.add("listCollections", 1).add("nameOnly", true).add("authorizedCollections", true);
  std::set<std::string> names;
  // The server has no listCollections in a transaction: it is asked outside, and what the transaction made is added.
  TransactionRules* rules = surroundings_.transaction;
  Preview* preview = surroundings_.preview;
  if ((rules != nullptr || preview != nullptr) && batch_) send_waiting(batch_->take_all());
  const auto listed = read_cursor(
      [&](const Document& sent) {
        if (preview != nullptr) return preview->read(database_, sent);
        return rules == nullptr ? read_locked(database_, sent, 0) : rules->outside().command(database_, sent);
      },
      database_, command);
  for (const Document& found : listed) names.insert(found.string("name").value_or(""));
  if (rules != nullptr) names.merge(rules->made_in(database_));
  std::erase_if(names, is_internal_collection);
  return {names.begin(), names.end()};
}

bool Env::has_collection(const std::string& database, const std::string& name) {
  std::lock_guard lock(mutex_);
  return has_collection_locked(database, name);
}

bool Env::has_collection_locked(const std::string& database, const std::string& name) {
  if (batch_) send_waiting(batch_->take_all());
  if (surroundings_.preview != nullptr) return surroundings_.preview->has_collection(database, name);
  const TransactionRules* rules = surroundings_.transaction;
  return rules == nullptr ? treering::has_collection(connection_, database, name)
                          : rules->has_collection(database, name);
}

bool Env::create_collection(const std::string& name, const Document& options) {
  std::lock_guard lock(mutex_);
  // Asked first: a newer server answers `create` of what is there with ok, and then nobody could tell that nothing was
  // created.
  if (has_collection_locked(database_, name)) return false;
  try {
    apply_locked({database_, CreateCollection{name, options}}, 0, "");
  } catch (const ServerError& error) {
    if (error.code() == kNamespaceExists) return false;  // somebody else was faster
    throw;
  }
  return true;
}

bool Env::drop_collection(const std::string& name, Drops drops) {
  std::lock_guard lock(mutex_);
  try {
    const Document reply = apply_locked({database_, DropCollection{name}}, 0, "", drops);
    return reply.has("ns");  // a newer server answers ok where there was nothing to drop
  } catch (const ServerError& error) {
    if (error.code() != kNamespaceNotFound) throw;
    return false;
  }
}

Document Env::hello() {
  std::lock_guard lock(mutex_);
  return connection_.hello();
}

std::string Env::address() {
  std::lock_guard lock(mutex_);
  return connection_.address();
}

ServerAccess Env::access() {
  const ServerAccess access = surroundings_.server == nullptr ? ServerAccess() : surroundings_.server->access();
  if (access.url.empty()) throw Error(Kind::usage, "no other driver gets to this env's server");
  if (surroundings_.preview != nullptr) surroundings_.preview->note_access();
  return access;
}

bool Env::is_script() const { return is_dry_run() && surroundings_.preview->purpose() == Purpose::script; }

void Env::note_use(const std::string& what) {
  std::lock_guard lock(mutex_);
  if (surroundings_.preview != nullptr) surroundings_.preview->note_use(what);
}

Env::Done Env::done() const {
  std::lock_guard lock(mutex_);
  return done_;
}

Env::Done Env::done_in_sessions() const {
  std::lock_guard lock(mutex_);
  return done_in_sessions_;
}

}  // namespace treering
