// SPDX-License-Identifier: Apache-2.0
// treering._native.Env: engine/env.h for Python; documents go in as mappings or as BSON in bytes, and come out as BSON
// in bytes. The facade in python/treering stands on it.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "treering/engine/env.h"
#include "treering/python/batch.h"
#include "treering/python/message_size.h"

namespace treering::python {

// What a reply to a write comes out as: bytes where the caller has a codec of its own to read it with.
enum class ReplyForm { dict, bytes };

// The Env itself, or a session of it: all that is asked of a session's object goes through that session.
// Thread-safe. Python may keep it longer than the Env lives: it is closed before the Env goes, and every later call
// raises.
class NativeEnv {
 public:
  // `kept_alive` is released when it is closed; empty where somebody else owns the Env.
  explicit NativeEnv(Env& env, std::shared_ptr<void> kept_alive = {});

  // A session that the code starts; as long as this Env is open.
  std::unique_ptr<NativeEnv> start_session();
  void end_session();                                // after it every call raises pymongo.errors.InvalidOperation
  void begin_transaction(nanobind::handle options);  // {readConcern, writeConcern, maxTimeMS}
  void commit_transaction();
  void abort_transaction();
  bool in_transaction();
  nanobind::bytes session_id();
  nanobind::bytes hello();
  std::string address();
  nanobind::tuple access();  // url, username, password: secret

  // Waits for calls under way on other threads. Wants the GIL, releases it meanwhile.
  void close();

  const std::string& database() const { return shared_->database; }
  std::vector<std::string> collections();
  bool has_collection(const std::string& database, const std::string& name);
  bool is_dry_run();
  bool is_script() const { return shared_->is_script; }  // asked after every write, so without a lock
  void note_use(const std::string& what);
  bool create_collection(const std::string& name, nanobind::handle options);
  bool drop_collection(const std::string& name, bool trash);

  nanobind::bytes read(const std::string& database, nanobind::handle command);
  // Throws as read does, and Error(Kind::server) where the reply holds no cursor.
  Batch read_batch(const std::string& database, nanobind::handle command);
  nanobind::bytes apply(const Operation& operation, const std::string& place = {});
  // These raise pymongo.errors.DocumentTooLarge where pymongo would; what stands before it in a long write is done.
  nanobind::bytes run(const std::string& database, Document command);
  // Of one statement.
  nanobind::object write(const std::string& database, Write write, const std::string& place, ReplyForm form);
  nanobind::object write_many(const std::string& database, Write write, ReplyForm form);

  nanobind::tuple backfill(BackfillRequest request, nanobind::object code);
  void begin_batch(std::int64_t size);
  void end_batch();
  void drop_batch();
  bool in_batch() const { return in_batch_; }  // asked before every write, so without a lock

  // A cursor that nobody reads any more: it is killed along with the next read. Never blocks, so that a destructor may
  // call it.
  void forget_cursor(std::string database, std::string collection, std::int64_t id);

 private:
  struct Shared;
  NativeEnv(std::shared_ptr<Shared> shared, SessionNumber session) : shared_(std::move(shared)), session_(session) {}

  template <class Call>
  auto call(Call&& body);
  SizeLimits limits();
  void require_small(const Document& command);
  void kill_forgotten_cursors();
  Document read_document(const std::string& database, nanobind::handle command);
  Document reply_to(const Operation& operation, const std::string& place = {});

  struct ForgottenCursor {
    std::string database;
    std::string collection;
    std::int64_t id;
  };
  struct Shared {
    std::mutex mutex;
    Env* env;
    int backfills = 0;  // that threads have under way; the Env stays as long
    std::condition_variable backfill_ended;
    std::shared_ptr<void> kept_alive;
    std::string database;
    bool is_script = false;
    std::mutex forgotten_mutex;
    std::vector<ForgottenCursor> forgotten;
  };

  void keep_raised(std::exception_ptr raised);
  std::exception_ptr take_raised();

  std::mutex raised_mutex_;
  std::exception_ptr raised_;  // by a function of a backfill, on the thread of a worker
  std::atomic<bool> in_batch_ = false;
  std::atomic<bool> session_ended_ = false;
  std::shared_ptr<Shared> shared_;
  SessionNumber session_ = 0;
};

void bind_env(nanobind::module_& module);

}  // namespace treering::python
