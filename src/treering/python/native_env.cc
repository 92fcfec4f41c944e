// SPDX-License-Identifier: Apache-2.0
#include "treering/python/native_env.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <exception>

#include "treering/python/decode_bson.h"
#include "treering/python/encode_bson.h"
#include "treering/python/errors.h"
#include "treering/python/message_size.h"

namespace nb = nanobind;

namespace treering::python {
namespace {

nb::bytes bytes_of(const Document& document) {
  auto bytes = document.bytes();
  return nb::bytes(bytes.data(), bytes.size());
}

// pymongo's words for it.
[[noreturn]] void raise_ended_session() {
  raise_exception(nb::module_::import_("pymongo.errors").attr("InvalidOperation")("Cannot use ended session"));
}

nb::object given_as(ReplyForm form, const Document& reply) {
  return form == ReplyForm::bytes ? nb::object(bytes_of(reply)) : decode_bson(reply.bytes());
}

[[noreturn]] void raise_in_env(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    raise_exception(exception_in_env(error));
  }
}

}  // namespace

NativeEnv::NativeEnv(Env& env, std::shared_ptr<void> kept_alive) : shared_(std::make_shared<Shared>()) {
  shared_->env = &env;
  shared_->kept_alive = std::move(kept_alive);
  shared_->database = env.database();
  shared_->is_script = env.is_script();
}

// Runs `body` without the GIL. What it throws is raised as code of a migration expects it.
template <class Call>
auto NativeEnv::call(Call&& body) {
  if (session_ended_) raise_ended_session();  // cursors keep a session's object beyond its end
  std::exception_ptr thrown;
  {
    nb::gil_scoped_release released;
    std::lock_guard lock(shared_->mutex);
    try {
      if (shared_->env == nullptr)
        throw Error(Kind::usage, "this env is closed: its migration is over",
                    "use env inside upgrade(env) or downgrade(env) only");
      return body(*shared_->env);
    } catch (const Error&) {
      thrown = std::current_exception();
    }
  }
  raise_in_env(thrown);
}

void NativeEnv::close() {
  nb::gil_scoped_release released;
  std::unique_lock lock(shared_->mutex);
  if (Env* env = shared_->env; env != nullptr && shared_->backfills > 0) {
    lock.unlock();  // the code that decides may still ask this env for what it needs
    env->end_backfills();
    lock.lock();
    shared_->backfill_ended.wait(lock, [this] { return shared_->backfills == 0; });
  }
  if (shared_->env != nullptr) kill_forgotten_cursors();
  shared_->env = nullptr;
  shared_->kept_alive.reset();
}

std::vector<std::string> NativeEnv::collections() {
  return call([](Env& env) { return env.collections(); });
}

bool NativeEnv::has_collection(const std::string& database, const std::string& name) {
  return call([&](Env& env) { return env.has_collection(database, name); });
}

bool NativeEnv::is_dry_run() {
  return call([](Env& env) { return env.is_dry_run(); });
}

void NativeEnv::note_use(const std::string& what) {
  call([&](Env& env) { return env.note_use(what), true; });
}

bool NativeEnv::create_collection(const std::string& name, nb::handle options) {
  return call([&, document = document_of(options)](Env& env) { return env.create_collection(name, document); });
}

bool NativeEnv::drop_collection(const std::string& name, bool trash) {
  return call([&](Env& env) { return env.drop_collection(name, drops_with(trash)); });
}

SizeLimits NativeEnv::limits() {
  return size_limits(call([](Env& env) { return env.hello(); }));
}

void NativeEnv::require_small(const Document& command) {
  if (command.bytes().size() > kSurelyTaken) require_sendable(command, limits());
}

Document NativeEnv::read_document(const std::string& database, nb::handle command) {
  const Document document = document_of(command);
  require_small(document);
  return call([&](Env& env) {
    kill_forgotten_cursors();
    return env.read(database, document, session_);
  });
}

nb::bytes NativeEnv::read(const std::string& database, nb::handle command) {
  return bytes_of(read_document(database, command));
}

Batch NativeEnv::read_batch(const std::string& database, nb::handle command) {
  return Batch(read_document(database, command));
}

Document NativeEnv::reply_to(const Operation& operation, const std::string& place) {
  return call([&](Env& env) { return env.apply(operation, session_, place); });
}

nb::bytes NativeEnv::apply(const Operation& operation, const std::string& place) {
  return bytes_of(reply_to(operation, place));
}

nb::bytes NativeEnv::run(const std::string& database, Document command) {
  require_small(command);
  return apply({database, RunCommand{std::move(command)}});
}

nb::object NativeEnv::write(const std::string& database, Write write, const std::string& place, ReplyForm form) {
  if (write.statements.front().bytes().size() + write.options.bytes().size() > kSurelyTaken)
    require_small(commands_of({database, write}).front());
  return given_as(form, reply_to({database, std::move(write)}, place));
}

nb::object NativeEnv::write_many(const std::string& database, Write write, ReplyForm form) {
  const auto at_once = [&](const Write& part) {
    return call([&](Env& env) { return env.apply_at_once({database, part}, session_); });
  };
  const auto send = [&] { return given_as(form, at_once(write)); };
  const auto is_large = [](const Document& statement) { return statement.bytes().size() > kSurelyTaken; };
  if (std::ranges::none_of(write.statements, is_large)) return send();
  const SizeLimits most = limits();
  const std::size_t fitting = sendable_statements(write, most);
  if (fitting == write.statements.size()) return send();
  const Document large = write.statements[fitting];
  write.statements.resize(fitting);
  if (fitting > 0) {
    const Document reply = at_once(write);
    if (reply.has("writeErrors") && write.options.boolean("ordered").value_or(true)) return given_as(form, reply);
  }
  raise_too_large(write, large, most);
}

// Not under our lock: the code that decides may ask this env for what it needs.
nb::tuple NativeEnv::backfill(BackfillRequest request, nb::object code) {
  if (!code.is_none())
    request.code = [this, &code](const Document& document) -> std::optional<Document> {
      nb::gil_scoped_acquire held;
      try {
        const nb::object decided = code(bytes_of(document));
        if (decided.is_none()) return std::nullopt;
        return document_of(decided);
      } catch (nb::python_error&) {
        keep_raised(std::current_exception());
        throw Error(Kind::migration_failed, "the backfill's function raised");
      }
    };
  Env* env = nullptr;
  call([&](Env& open) {
    ++shared_->backfills;
    return env = &open;
  });
  struct UnderWay {
    Shared& shared;
    ~UnderWay() {
      std::lock_guard lock(shared.mutex);
      --shared.backfills;
      shared.backfill_ended.notify_all();
    }
  };
  BackfillReport report;
  std::exception_ptr thrown;
  {
    nb::gil_scoped_release released;
    const UnderWay under_way{*shared_};
    try {
      report = env->backfill(std::move(request));
    } catch (const Error&) {
      thrown = std::current_exception();
    }
  }
  if (thrown) {
    if (const std::exception_ptr raised = take_raised()) std::rethrow_exception(raised);
    raise_in_env(thrown);
  }
  return nb::make_tuple(report.found, report.changed, report.resumed);
}

void NativeEnv::keep_raised(std::exception_ptr raised) {
  std::lock_guard lock(raised_mutex_);
  if (!raised_) raised_ = std::move(raised);
}

std::exception_ptr NativeEnv::take_raised() {
  std::lock_guard lock(raised_mutex_);
  return std::exchange(raised_, nullptr);
}

void NativeEnv::begin_batch(std::int64_t size) {
  in_batch_ = call([&](Env& env) {
    env.begin_batch(size);
    return env.in_batch();
  });
}

void NativeEnv::end_batch() {
  in_batch_ = false;
  call([](Env& env) { return env.end_batch(), true; });
}

void NativeEnv::drop_batch() {
  in_batch_ = false;
  call([](Env& env) { return env.drop_batch(), true; });
}

std::unique_ptr<NativeEnv> NativeEnv::start_session() {
  const SessionNumber started = call([](Env& env) { return env.start_session(); });
  return std::unique_ptr<NativeEnv>(new NativeEnv(shared_, started));
}

void NativeEnv::end_session() {
  call([&](Env& env) { env.end_session(session_); });
  session_ended_ = true;
}

void NativeEnv::begin_transaction(nb::handle options) {
  const Document asked = document_of(options);
  TransactionOptions transaction;
  transaction.read_concern = asked.document("readConcern").value_or(Document());
  transaction.write_concern = asked.document("writeConcern").value_or(Document());
  transaction.max_commit_time = std::chrono::milliseconds(asked.integer("maxTimeMS").value_or(0));
  call([&](Env& env) { env.begin_transaction(session_, transaction); });
}

void NativeEnv::commit_transaction() {
  call([&](Env& env) { env.commit_transaction(session_); });
}

void NativeEnv::abort_transaction() {
  call([&](Env& env) { env.abort_transaction(session_); });
}

bool NativeEnv::in_transaction() {
  return call([&](Env& env) { return env.in_transaction(session_); });
}

nb::bytes NativeEnv::session_id() {
  return bytes_of(call([&](Env& env) { return env.session_id(session_); }));
}

nb::bytes NativeEnv::hello() {
  return bytes_of(call([](Env& env) { return env.hello(); }));
}

std::string NativeEnv::address() {
  return call([](Env& env) { return env.address(); });
}

nb::tuple NativeEnv::access() {
  const ServerAccess access = call([](Env& env) { return env.access(); });
  return nb::make_tuple(access.url, access.username, access.password);
}

void NativeEnv::forget_cursor(std::string database, std::string collection, std::int64_t id) {
  std::lock_guard lock(shared_->forgotten_mutex);
  shared_->forgotten.push_back({std::move(database), std::move(collection), id});
}

void NativeEnv::kill_forgotten_cursors() {
  std::vector<ForgottenCursor> forgotten;
  {
    std::lock_guard lock(shared_->forgotten_mutex);
    forgotten.swap(shared_->forgotten);
  }
  for (const ForgottenCursor& cursor : forgotten) {
    Document command;
    command.add("killCursors", cursor.collection).add_array("cursors", Document().add("0", cursor.id));
    try {
      shared_->env->read(cursor.database, command);
    } catch (const Error&) {
      // The server closes idle cursors by itself: a courtesy that failed is no error.
    }
  }
}

}  // namespace treering::python
