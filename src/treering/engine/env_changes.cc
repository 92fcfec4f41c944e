// SPDX-License-Identifier: Apache-2.0
// The way of a change to the server: held back in a batch or not, written down before it is sent, and told afterwards.
#include "treering/base/planted_flaw.h"
#include "treering/base/reply.h"
#include "treering/engine/attempt_journal.h"
#include "treering/engine/command_effect.h"
#include "treering/engine/env.h"
#include "treering/engine/preview.h"
#include "treering/engine/send_again.h"

namespace treering {
namespace {

std::int64_t count_of(const Document& reply, std::string_view field) { return reply.integer(field).value_or(0); }

// Statement numbers in a reply count from the start of its own command; the caller counts from the start of the whole
// write.
Document renumbered(const Document& item, std::int64_t offset) {
  Document result;
  for (const Field& field : item.fields()) {
    if (field.key() == "index") {
      result.add("index", static_cast<std::int32_t>(field.integer().value_or(0) + offset));
    } else {
      result.add(field);
    }
  }
  return result;
}

// The replies of the commands that a long write was split into, as one.
class MergedReply {
 public:
  void add(const Document& reply, std::int64_t offset) {
    n_ += count_of(reply, "n");
    modified_ += count_of(reply, "nModified");
    for (const Document& item : reply.documents("upserted")) upserted_.push_back(renumbered(item, offset));
    for (const Document& item : reply.documents("writeErrors")) errors_.push_back(renumbered(item, offset));
    if (auto concern = reply.document("writeConcernError")) concern_error_ = *concern;
  }
  bool failed() const { return !errors_.empty(); }
  Document document(Write::Verb verb) const {
    Document result;
    result.add("n", static_cast<std::int32_t>(n_));
    if (verb == Write::Verb::update) result.add("nModified", static_cast<std::int32_t>(modified_));
    if (!upserted_.empty()) result.add_array("upserted", upserted_);
    if (!errors_.empty()) result.add_array("writeErrors", errors_);
    if (concern_error_) result.add("writeConcernError", *concern_error_);
    return result.add("ok", 1.0);
  }

 private:
  std::int64_t n_ = 0;
  std::int64_t modified_ = 0;
  std::vector<Document> upserted_;
  std::vector<Document> errors_;
  std::optional<Document> concern_error_;
};

std::string_view statements_field(Write::Verb verb) {
  switch (verb) {
    case Write::Verb::insert:
      return "documents";
    case Write::Verb::update:
      return "updates";
    case Write::Verb::remove:
      break;
  }
  return "deletes";
}

std::int64_t written_by(const Operation& operation, const Document& reply) {
  if (const auto* write = std::get_if<Write>(&operation.body)) {
    if (write->verb != Write::Verb::update) return count_of(reply, "n");
    return count_of(reply, "nModified") + static_cast<std::int64_t>(reply.documents("upserted").size());
  }
  const auto* run = std::get_if<RunCommand>(&operation.body);
  if (run != nullptr) {
    if (const auto write = write_of(run->command)) return written_by({operation.database, *write}, reply);
  }
  return count_of(reply, "lastErrorObject.n");  // findAndModify
}

// createIndexes of indexes that are all there already succeeds and does nothing.
bool changed_schema(const Operation& operation, const Document& reply) {
  if (std::holds_alternative<DropCollection>(operation.body))
    return reply.has("ns");  // newer servers: ok, if not there
  if (!std::holds_alternative<CreateIndexes>(operation.body)) return true;
  auto before = reply.integer("numIndexesBefore");
  return !before || before != reply.integer("numIndexesAfter");
}

// What a server says of a schema operation that it carried out, as far as anybody looks at it.
Document reply_to_done(const Operation& operation) {
  Document reply;
  if (std::holds_alternative<DropCollection>(operation.body))
    reply.add("ns", operation.database + "." + collection_of(operation));
  return reply.add("ok", 1.0);
}

// A ping is as patient as reads are.
bool is_back(Connection& connection) {
  try {
    connection.command("admin", Document().add("ping", 1));
    return true;
  } catch (const Error&) {
    return false;
  }
}

// "index users.email_1", "3 indexes on users"
std::string progress_name(const Operation& operation) {
  std::string text = describe(operation);
  if (text.starts_with("create ")) text.erase(0, 7);
  return text;
}

}  // namespace

Document Env::apply(const Operation& operation, SessionNumber session, const std::string& place) {
  std::lock_guard lock(mutex_);
  return apply_locked(operation, session, place);
}

Document Env::apply_at_once(const Operation& operation, SessionNumber session) {
  std::lock_guard lock(mutex_);
  return apply_locked(operation, session, "", Drops::kept, Timing::at_once);
}

Document Env::apply_locked(const Operation& operation, SessionNumber number, const std::string& place, Drops drops,
                           Timing timing) {
  require_users(operation);
  if (number == 0) require_batch_in_order();
  if (!batch_) return carry_out(operation, number, drops);
  const std::string collection = collection_of(operation);
  if (number == 0 && timing == Timing::batched && WriteBatch::takes(operation)) {
    if (batch_->add(operation, place)) send_waiting(batch_->take(operation.database, collection));
    return Document().add("ok", 1.0).add("queued", true);
  }
  // What isn't plainly about one collection may be about any.
  const bool is_plain = std::holds_alternative<Write>(operation.body) ||
                        std::holds_alternative<DropIndexes>(operation.body) ||
                        std::holds_alternative<ModifyCollection>(operation.body);
  send_waiting(is_plain ? batch_->take(operation.database, collection) : batch_->take_all());
  return carry_out(operation, number, drops);
}

Document Env::carry_out(const Operation& operation, SessionNumber number, Drops drops) {
  if (surroundings_.preview != nullptr) return carry_out_dry(operation, number, drops);
  const bool in_transaction =
      number == 0 ? surroundings_.transaction != nullptr : session(number).connection->in_transaction();
  // What is in a transaction the server undoes.
  if (surroundings_.journal == nullptr || in_transaction) return send_operation(operation, number);
  if (before_change_) before_change_();
  return carry_out_journalled(operation, number, drops);
}

// The same refusals as where the operation is sent in the revision's transaction.
Document Env::carry_out_dry(const Operation& operation, SessionNumber number, Drops drops) {
  if (before_change_) before_change_();
  TransactionRules* rules = number == 0 ? surroundings_.transaction : nullptr;
  if (rules == nullptr) return surroundings_.preview->apply(operation, drops, number);
  rules->require_allowed(operation);
  try {
    Document reply = surroundings_.preview->apply(operation, drops);
    rules->tell_done(operation, reply);
    return reply;
  } catch (const ServerError& error) {
    rules->tell_failed(error);
    throw;
  }
}

Document Env::carry_out_journalled(const Operation& operation, SessionNumber number, Drops drops) {
  AttemptJournal& journal = *surroundings_.journal;
  const std::vector<Operation> parts = journal.instead_of(operation, drops);
  Document reply;
  for (const Operation& part : parts) {
    if (!planted(Flaw::journal_after_operation)) journal.begin(part);
    try {
      reply = send_operation(part, number);
    } catch (const ServerError&) {
      journal.refused(part);
      throw;
    }
    if (planted(Flaw::journal_after_operation)) journal.begin(part);
    journal.done(part);
  }
  const bool is_kept = std::holds_alternative<DropCollection>(operation.body) && !(parts.front() == operation);
  return is_kept ? reply_to_done(operation) : reply;
}

Document Env::send_operation(const Operation& operation, SessionNumber number) {
  Connection& connection = number == 0 ? connection_ : *session(number).connection;
  if (number == 0 && surroundings_.transaction != nullptr) surroundings_.transaction->require_allowed(operation);
  std::optional<IndexBuildWatch> build;
  if (std::holds_alternative<CreateIndexes>(operation.body))
    build.emplace(surroundings_.server, surroundings_.clock, surroundings_.observer, progress_name(operation),
                  collection_of(operation));
  const auto* write = std::get_if<Write>(&operation.body);
  Connection::Limits limits;
  if (write != nullptr) limits = connection.limits();
  // The server's limit is on the whole message; the statements' share leaves room for the command around them.
  constexpr std::size_t kCommandRoom = 16384;
  std::vector<Document> commands = commands_of(operation, limits.write_batch, limits.message_bytes - kCommandRoom);
  Document reply;
  MergedReply merged;
  std::int64_t offset = 0;
  for (const Document& command : commands) {
    if (before_change_ && !planted(Flaw::no_check_before_operation)) before_change_();
    done_.refused.reset();
    try {
      reply = send_surely(operation, command, connection);
    } catch (const ServerError&) {
      done_.refused = operation;
      throw;
    }
    // At once: a later command of this write may fail, and this one is done all the same.
    tell_done(operation, reply, number);
    if (commands.size() == 1) break;
    merged.add(reply, offset);
    if (merged.failed() && command.boolean("ordered").value_or(true)) break;
    offset += static_cast<std::int64_t>(command.document(statements_field(write->verb)).value_or(Document()).count());
  }
  return commands.size() > 1 ? merged.document(write->verb) : reply;
}

// A connection that breaks leaves it open whether the server acted. What is in the journal is sent once more then, as
// drivers do with writes: a lost connection shouldn't stop a run that still has its lease.
Document Env::send_surely(const Operation& operation, const Document& command, Connection& connection) {
  const std::string& database = command_database(operation);
  const bool may_be_sent_again =
      surroundings_.journal != nullptr && can_be_sent_again(operation) && !connection.in_transaction();
  if (!may_be_sent_again) return send(database, command, connection);
  constexpr int kTries = 5;  // a server that every time breaks the connection over it is not away
  for (int tries = 1;; ++tries) {
    const bool is_again = tries > 1;
    try {
      const Document reply = send(database, command, connection);
      // The reply to the first counts what it changed; this one may say that nothing was left to do.
      if (!is_again || !surroundings_.journal->expects_change(operation)) return reply;
    } catch (const ServerError& error) {
      const bool was_done = is_again && says_done_before(operation, error.code());
      if (!was_done || !surroundings_.journal->expects_change(operation)) throw;
    } catch (const Error& error) {
      if (error.kind() != Kind::unreachable || tries == kTries || !is_back(connection)) throw;
      if (before_change_ && !planted(Flaw::no_check_before_sending_again)) before_change_();
      continue;
    }
    return reply_to_done(operation);
  }
}

void Env::tell_done(const Operation& operation, const Document& reply, SessionNumber number) {
  if (number == 0 && surroundings_.transaction != nullptr) surroundings_.transaction->tell_done(operation, reply);
  const auto* run = std::get_if<RunCommand>(&operation.body);
  const auto target = run == nullptr ? std::nullopt : aggregation_target(run->command, operation.database);
  const auto note_in = [&](Done& done) {
    if (target) {  // of how many documents, no server tells
      done.aggregated.insert(target->database + "." + target->collection);
    } else if (is_schema(operation)) {
      if (changed_schema(operation, reply)) done.schema.push_back(describe_change(operation, database_));
    } else if (std::int64_t written = written_by(operation, reply); written > 0) {
      done.written[operation.database + "." + collection_of(operation)] += written;
    }
  };
  if (number != 0 && session(number).connection->in_transaction()) return note_in(session(number).uncommitted);
  note_in(done_);
  if (number != 0) note_in(done_in_sessions_);
}

}  // namespace treering
