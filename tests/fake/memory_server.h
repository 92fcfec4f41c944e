// SPDX-License-Identifier: Apache-2.0
// A server in memory that understands the commands Treering sends, with MongoDB's error codes, a clock that the test
// moves and faults that the test asks for. Strict: a command, field or operator that it doesn't know is an error, never
// ignored.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "fake/memory_collection.h"
#include "fake/memory_transaction.h"
#include "treering/base/error.h"
#include "treering/engine/port/database.h"

namespace treering {

// A command that a connection loses: before the server saw it, or after the server carried it out.
enum class Fault { request_lost, reply_lost };

// From 7.0 on a server answers `create` of what is there, and `drop` of what isn't, with ok.
enum class ServerAge { before_7_0, from_7_0 };

class MemoryServer : public Server {
 public:
  struct Sent {
    std::string database;
    std::string name;        // "find", "update", ...
    std::string collection;  // "" where it has none
    Document command;
    bool in_transaction = false;
  };

  explicit MemoryServer(ServerAge age = ServerAge::before_7_0) : age_(age) {}

  std::unique_ptr<Connection> connect() override;
  std::string hosts() const override { return "memory"; }

  // --- For tests
  void advance(std::chrono::milliseconds time) { now_ms_ += time.count(); }
  std::int64_t now_ms() const { return now_ms_; }
  void limit(Connection::Limits limits) { limits_ = limits; }
  // A standalone server: no replica set, no transactions.
  void stand_alone() { stands_alone_ = true; }
  // Connections send a write of one document once more, as a driver with retryWrites does.
  void retry_writes() { retries_writes_ = true; }
  void be_of(ServerAge age) { age_ = age; }
  void speak_wire_version(std::int32_t version) { wire_version_ = version; }

  // The n-th command from now on (1: the next) is lost, once.
  void fail_command(std::size_t n, Fault fault) {
    fault_at_ = sent_.size() + n;
    fault_ = fault;
  }
  bool fault_is_still_to_come() const { return fault_at_ > sent_.size(); }
  // Called before each command, outside of the lock, with what is about to be carried out.
  void before_command(std::function<void(const Sent&)> hook) { hook_ = std::move(hook); }

  // Called after each command that was carried out, outside of the lock, before its reply is given or lost; false where
  // it is lost on its way. What was sent isn't kept then, for it may be very much.
  void after_command(std::function<bool(const Sent&, const Document& reply)> hook) { after_hook_ = std::move(hook); }

  // The server goes down and comes back: open transactions and cursors are gone, documents stay. Some servers forget
  // the numbers of retryable writes and transactions as well.
  enum class Numbers { kept, forgotten };
  void restart(Numbers numbers) {
    cursors_.clear();
    ++restarts_;
    if (numbers == Numbers::forgotten) highest_.clear();
  }

  const std::vector<Sent>& sent() const { return sent_; }
  void forget_sent() { sent_.clear(); }
  // Null where there is none; valid until the next command.
  const fake::MemoryCollection* collection(const std::string& database, const std::string& name) const {
    const auto collections = databases_.find(database);
    if (collections == databases_.end()) return nullptr;
    const auto found = collections->second.find(name);
    return found == collections->second.end() ? nullptr : &found->second;
  }
  std::vector<std::string> collections(const std::string& database) {
    std::vector<std::string> names;
    for (const auto& [name, collection] : databases_[database]) names.push_back(name);
    return names;
  }
  std::vector<Document> documents(const std::string& database, const std::string& collection) {
    const auto found = databases_[database].find(collection);
    return found == databases_[database].end() ? std::vector<Document>{} : found->second.documents();
  }

 private:
  friend class MemoryConnection;
  using Collections = fake::MemoryCollections;
  using Handler = Document (MemoryServer::*)(Collections&, const std::string& database, const Document& command);
  struct Row {
    Handler handler;
    std::vector<std::string_view> fields;  // beside the command's own and what every command may have
  };

  static const std::map<std::string, Row, std::less<>>& rows();

  // A write that its session and number say again, as `lsid` and `txnNumber` do for a real server.
  struct Numbered {
    std::string session;
    std::int64_t number = 0;
  };

  Document carry_out(const std::string& database, const Document& command, fake::MemoryTransaction* transaction,
                     const Numbered* numbered = nullptr) {
    if (command.empty()) throw fake::bad_value("an empty command");
    const Field first = command.fields().front();
    Sent sent{database, std::string(first.key()), first.string().value_or(""), command, transaction != nullptr};
    if (hook_) hook_(sent);
    Document reply;
    bool faulty = false;
    {
      std::lock_guard lock(mutex_);
      faulty = sent_.size() + 1 == fault_at_;
      if (after_hook_) {
        fault_at_ = faulty ? 0 : fault_at_;  // nothing is remembered of what was sent
      } else {
        sent_.push_back(sent);
      }
      if (faulty && fault_ == Fault::request_lost) throw broken(command, transaction);
      reply = numbered != nullptr      ? answer_once(*numbered, database, command, first, transaction)
              : transaction == nullptr ? answer(databases_, database, command, first)
                                       : answer_in(*transaction, database, command, first);
    }
    const bool arrives = !after_hook_ || after_hook_(sent, reply);
    if (faulty || !arrives) throw broken(command, transaction);
    return reply;
  }

  // A session's numbers only grow; the statement of the last one is carried out once.
  Document answer_once(const Numbered& numbered, const std::string& database, const Document& command,
                       const Field& first, fake::MemoryTransaction* transaction) {
    Highest& highest = highest_[numbered.session];
    if (numbered.number < highest.number) {
      if (transaction != nullptr) transaction->kill();
      throw fake::refusal(kTransactionTooOld, "TransactionTooOld", "a newer transaction has begun in this session");
    }
    if (numbered.number > highest.number) highest = {numbered.number, highest.killed, {}};
    if (transaction != nullptr) {
      if (numbered.number <= highest.killed) transaction->kill();
      return answer_in(*transaction, database, command, first);
    }
    if (highest.reply.empty()) highest.reply = answer(databases_, database, command, first);
    return highest.reply;
  }

  static Error broken(const Document& command, const fake::MemoryTransaction* transaction) {
    Error error(Kind::unreachable, "the connection to memory broke", "is the server running?");
    if (transaction == nullptr) return error;
    return error.with("error_labels", std::string(command.has("commitTransaction") ? kUnknownCommit : kTransient));
  }

  Document answer_in(fake::MemoryTransaction& transaction, const std::string& database, const Document& command,
                     const Field& first);

  Document answer(fake::MemoryDatabases& databases, const std::string& database, const Document& command,
                  const Field& first) {
    const auto row = rows().find(first.key());
    if (row == rows().end())
      throw fake::refusal(59, "CommandNotFound", "no such command: '" + std::string(first.key()) + "'");
    std::vector<std::string_view> known = row->second.fields;
    for (std::string_view field :
         {first.key(), std::string_view("writeConcern"), std::string_view("readConcern"), std::string_view("comment")})
      known.push_back(field);
    fake::require_known(command, known, std::string(first.key()));
    return (this->*row->second.handler)(databases[database], database, command);
  }

  // Commands: see memory_commands.h.
  Document ping(Collections& collections, const std::string& database, const Document& command);
  Document hello(Collections& collections, const std::string& database, const Document& command);
  Document find(Collections& collections, const std::string& database, const Document& command);
  Document count(Collections& collections, const std::string& database, const Document& command);
  Document aggregate(Collections& collections, const std::string& database, const Document& command);
  Document get_more(Collections& collections, const std::string& database, const Document& command);
  Document insert(Collections& collections, const std::string& database, const Document& command);
  Document update(Collections& collections, const std::string& database, const Document& command);
  Document remove(Collections& collections, const std::string& database, const Document& command);
  Document find_and_modify(Collections& collections, const std::string& database, const Document& command);
  Document create(Collections& collections, const std::string& database, const Document& command);
  Document drop(Collections& collections, const std::string& database, const Document& command);
  Document list_collections(Collections& collections, const std::string& database, const Document& command);
  Document create_indexes(Collections& collections, const std::string& database, const Document& command);
  Document drop_indexes(Collections& collections, const std::string& database, const Document& command);
  Document list_indexes(Collections& collections, const std::string& database, const Document& command);
  Document rename_collection(Collections& collections, const std::string& database, const Document& command);
  Document modify_collection(Collections& collections, const std::string& database, const Document& command);
  Document kill_cursors(Collections& collections, const std::string& database, const Document& command);
  Document kill_sessions(Collections& collections, const std::string& database, const Document& command);
  Document drop_database(Collections& collections, const std::string& database, const Document& command);

  Document hello_reply() const;
  Document cursor_reply(const std::string& ns, std::vector<Document> documents, std::size_t batch_size,
                        bool single_batch);
  void update_one_statement(fake::MemoryCollection& collection, const Document& statement, std::int32_t index,
                            Document& counted);
  Document with_id(const Document& document);
  fake::MemoryCollection& made(Collections& collections, const std::string& name);
  static Document uuid_field(const fake::MemoryCollection& collection);
  template <typename Statement>
  Document written(const Document& command, std::string_view field, Statement&& carry_out_statement);

  struct Highest {
    std::int64_t number = 0;
    std::int64_t killed = 0;  // a transaction of this number, or a lower one, is over
    Document reply;           // to the write of that number
  };
  struct Cursor {
    std::string ns;
    std::vector<Document> left;
  };

  ServerAge age_;
  std::mutex mutex_;
  std::int64_t now_ms_ = 1700000000000;
  // A message of ours is at most the largest document and a little, as with the real ones' own limits for what one
  // command holds.
  Connection::Limits limits_{.document_bytes = 2 << 20, .message_bytes = 2 << 20, .write_batch = 1000};
  bool stands_alone_ = false;
  std::int32_t wire_version_ = 21;
  fake::MemoryDatabases databases_;
  std::map<std::int64_t, Cursor> cursors_;
  std::int64_t next_cursor_ = 1;
  std::uint32_t next_id_ = 1;
  std::int64_t next_uuid_ = 1;
  std::map<std::string, Highest> highest_;  // by session
  std::atomic<int> connections_ = 0;
  bool retries_writes_ = false;
  std::vector<Sent> sent_;
  std::size_t fault_at_ = 0;
  Fault fault_ = Fault::request_lost;
  std::function<void(const Sent&)> hook_;
  std::function<bool(const Sent&, const Document&)> after_hook_;
  std::int64_t restarts_ = 0;
};

class MemoryConnection : public Connection {
 public:
  explicit MemoryConnection(MemoryServer& server)
      : server_(server), name_("session " + std::to_string(++server.connections_)) {}
  Document command(const std::string& database, const Document& command) override {
    if (in_transaction()) return in_session(database, command, open_.get());
    committed_.reset();
    if (server_.stands_alone_ || !is_retryable_write(command)) return server_.carry_out(database, command, nullptr);
    const MemoryServer::Numbered numbered{name_, ++last_number_};
    try {
      return server_.carry_out(database, command, nullptr, &numbered);
    } catch (const Error& error) {
      if (!server_.retries_writes_ || error.kind() != Kind::unreachable) throw;
    }
    return server_.carry_out(database, command, nullptr, &numbered);
  }
  std::vector<Document> fenceable_sessions() override {
    if (server_.stands_alone_) return {};
    return {Document().add("id", name_), Document().add("id", transactions())};
  }
  Document fence(const Document& session, const std::string& database, const Document& command) override {
    const MemoryServer::Numbered numbered{session.string("id").value(), std::int64_t{1} << 62};
    return server_.carry_out(database, command, nullptr, &numbered);
  }
  Limits limits() override { return server_.limits_; }
  Document hello() override { return server_.hello_reply(); }
  std::string address() override { return "memory:27017"; }
  Document session_id() override { return Document().add("id", transactions()); }

  void begin_transaction(const TransactionOptions&) override {
    if (open_) throw Error(Kind::usage, "a transaction is open");
    committed_.reset();
    ++last_transaction_;
    open_ = std::make_unique<fake::MemoryTransaction>();
  }
  void commit_transaction() override {
    if (open_) committed_ = std::move(open_);
    if (!committed_) throw Error(Kind::usage, "there is nothing to commit");
    if (committed_->state() == fake::MemoryTransaction::State::begun) return;  // the server never heard of it
    const Document command = Document().add("commitTransaction", 1);
    try {
      in_session("admin", command, committed_.get());
    } catch (const Error& error) {
      if (error.kind() != Kind::unreachable) throw;
      in_session("admin", command, committed_.get());  // as a driver does, once
    }
  }
  void abort_transaction() override {
    if (!open_) throw Error(Kind::usage, "there is no transaction to abort");
    const auto aborted = std::move(open_);
    if (aborted->state() == fake::MemoryTransaction::State::begun) return;
    try {
      in_session("admin", Document().add("abortTransaction", 1), aborted.get());
    } catch (const Error&) {
      return;  // it is gone all the same
    }
  }
  bool in_transaction() const override { return open_ != nullptr; }

 private:
  std::string transactions() const { return name_ + ", transactions"; }
  Document in_session(const std::string& database, const Document& command, fake::MemoryTransaction* transaction) {
    const MemoryServer::Numbered numbered{transactions(), last_transaction_};
    return server_.carry_out(database, command, transaction, &numbered);
  }
  static bool is_retryable_write(const Document& command) {
    if (command.has("insert") || command.has("findAndModify")) return true;
    const auto all = [&](const char* list, auto&& is_one) {
      const auto statements = command.documents(list);
      return !statements.empty() && std::ranges::all_of(statements, is_one);
    };
    return all("updates", [](const Document& one) { return !one.boolean("multi").value_or(false); }) ||
           all("deletes", [](const Document& one) { return one.integer("limit") == 1; });
  }

  MemoryServer& server_;
  std::string name_;  // of its session
  std::int64_t last_number_ = 0;
  std::int64_t last_transaction_ = 0;
  std::unique_ptr<fake::MemoryTransaction> open_;
  std::unique_ptr<fake::MemoryTransaction> committed_;  // the last one, for a commit that is asked for again
};

inline std::unique_ptr<Connection> MemoryServer::connect() { return std::make_unique<MemoryConnection>(*this); }

}  // namespace treering

#include "fake/memory_commands.h"
