// SPDX-License-Identifier: Apache-2.0
// A server in memory that understands the commands Treering sends, with MongoDB's error codes, a clock that the test
// moves and faults that the test asks for. Strict: a command, field or operator that it doesn't know is an error, never
// ignored.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "fake/memory_collection.h"
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
  };

  explicit MemoryServer(ServerAge age = ServerAge::before_7_0) : age_(age) {}

  std::unique_ptr<Connection> connect() override;
  std::string hosts() const override { return "memory"; }

  // --- For tests
  void advance(std::chrono::milliseconds time) { now_ms_ += time.count(); }
  std::int64_t now_ms() const { return now_ms_; }
  void limit(Connection::Limits limits) { limits_ = limits; }

  // The n-th command from now on (1: the next) is lost, once.
  void fail_command(std::size_t n, Fault fault) {
    fault_at_ = sent_.size() + n;
    fault_ = fault;
  }
  bool fault_is_still_to_come() const { return fault_at_ > sent_.size(); }
  // Called before each command, outside of the lock, with what is about to be carried out.
  void before_command(std::function<void(const Sent&)> hook) { hook_ = std::move(hook); }

  const std::vector<Sent>& sent() const { return sent_; }
  void forget_sent() { sent_.clear(); }
  std::vector<Document> documents(const std::string& database, const std::string& collection) {
    const auto found = databases_[database].find(collection);
    return found == databases_[database].end() ? std::vector<Document>{} : found->second.documents();
  }

 private:
  friend class MemoryConnection;
  using Collections = std::map<std::string, fake::MemoryCollection>;
  using Handler = Document (MemoryServer::*)(Collections&, const std::string& database, const Document& command);
  struct Row {
    Handler handler;
    std::vector<std::string_view> fields;  // beside the command's own and what every command may have
  };

  static const std::map<std::string, Row, std::less<>>& rows();

  Document carry_out(const std::string& database, const Document& command) {
    if (command.empty()) throw fake::bad_value("an empty command");
    const Field first = command.fields().front();
    Sent sent{database, std::string(first.key()), first.string().value_or(""), command};
    if (hook_) hook_(sent);
    std::lock_guard lock(mutex_);
    sent_.push_back(std::move(sent));
    const bool faulty = sent_.size() == fault_at_;
    if (faulty && fault_ == Fault::request_lost) throw broken();
    Document reply = answer(database, command, first);
    if (faulty) throw broken();
    return reply;
  }

  static Error broken() { return Error(Kind::unreachable, "the connection to memory broke", "is the server running?"); }

  Document answer(const std::string& database, const Document& command, const Field& first) {
    const auto row = rows().find(first.key());
    if (row == rows().end())
      throw fake::refusal(59, "CommandNotFound", "no such command: '" + std::string(first.key()) + "'");
    std::vector<std::string_view> known = row->second.fields;
    for (std::string_view field :
         {first.key(), std::string_view("writeConcern"), std::string_view("readConcern"), std::string_view("comment")})
      known.push_back(field);
    fake::require_known(command, known, std::string(first.key()));
    return (this->*row->second.handler)(databases_[database], database, command);
  }

  // Commands: see memory_commands.h.
  Document ping(Collections& collections, const std::string& database, const Document& command);
  Document hello(Collections& collections, const std::string& database, const Document& command);
  Document find(Collections& collections, const std::string& database, const Document& command);
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
  Document drop_database(Collections& collections, const std::string& database, const Document& command);

  Document cursor_reply(const std::string& ns, std::vector<Document> documents, std::size_t batch_size,
                        bool single_batch);
  void update_one_statement(fake::MemoryCollection& collection, const Document& statement, std::int32_t index,
                            Document& counted);
  Document with_id(const Document& document);
  template <typename Statement>
  Document written(const Document& command, std::string_view field, Statement&& carry_out_statement);

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
  std::map<std::string, Collections> databases_;
  std::map<std::int64_t, Cursor> cursors_;
  std::int64_t next_cursor_ = 1;
  std::uint32_t next_id_ = 1;
  std::vector<Sent> sent_;
  std::size_t fault_at_ = 0;
  Fault fault_ = Fault::request_lost;
  std::function<void(const Sent&)> hook_;
};

class MemoryConnection : public Connection {
 public:
  explicit MemoryConnection(MemoryServer& server) : server_(server) {}
  Document command(const std::string& database, const Document& command) override {
    return server_.carry_out(database, command);
  }
  Limits limits() override { return server_.limits_; }

 private:
  MemoryServer& server_;
};

inline std::unique_ptr<Connection> MemoryServer::connect() { return std::make_unique<MemoryConnection>(*this); }

}  // namespace treering

#include "fake/memory_commands.h"
