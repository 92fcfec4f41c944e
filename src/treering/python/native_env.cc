// SPDX-License-Identifier: Apache-2.0
#include "treering/python/native_env.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <exception>

#include "treering/python/encode_bson.h"
#include "treering/python/errors.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace treering::python {
namespace {

nb::bytes bytes_of(const Document& document) {
  auto bytes = document.bytes();
  return nb::bytes(bytes.data(), bytes.size());
}

std::vector<Document> documents_of(const nb::list& list) {
  std::vector<Document> documents;
  documents.reserve(list.size());
  for (nb::handle item : list) documents.push_back(document_of(item));
  return documents;
}

Write::Verb verb_named(const std::string& name) {
  if (name == "insert") return Write::Verb::insert;
  if (name == "update") return Write::Verb::update;
  if (name == "delete") return Write::Verb::remove;
  throw Error(Kind::usage, "no kind of write is called " + name);
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
}

// Runs `body` without the GIL. What it throws is raised as code of a migration expects it.
template <class Call>
auto NativeEnv::call(Call&& body) {
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
  std::lock_guard lock(shared_->mutex);
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

bool NativeEnv::create_collection(const std::string& name, nb::handle options) {
  return call([&, document = document_of(options)](Env& env) { return env.create_collection(name, document); });
}

bool NativeEnv::drop_collection(const std::string& name, bool trash) {
  return call([&](Env& env) { return env.drop_collection(name, trash ? Drops::kept : Drops::for_good); });
}

Document NativeEnv::read_document(const std::string& database, nb::handle command) {
  return call([&, document = document_of(command)](Env& env) {
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

nb::bytes NativeEnv::apply(Operation operation, const std::string& place) {
  return bytes_of(call([&](Env& env) { return env.apply(operation, session_, place); }));
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
  call([&](Env& open) { return env = &open; });
  BackfillReport report;
  std::exception_ptr thrown;
  {
    nb::gil_scoped_release released;
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

namespace {

void bind_batches(nb::class_<NativeEnv>& env) {
  env.def("begin_batch", &NativeEnv::begin_batch, "size"_a)
      .def("end_batch", &NativeEnv::end_batch)
      .def("drop_batch", &NativeEnv::drop_batch)
      .def_prop_ro("in_batch", &NativeEnv::in_batch)
      .def(
          "backfill",
          [](NativeEnv& native, std::string collection, nb::handle filter, nb::handle change, nb::object code,
             std::int64_t batch, std::int64_t workers, std::string key, double max_rate) {
            BackfillRequest request;
            request.collection = std::move(collection);
            request.filter = document_of(filter);
            request.change = document_of(change);
            request.batch = batch;
            request.workers = workers;
            request.key = std::move(key);
            request.max_rate = max_rate;
            return native.backfill(std::move(request), std::move(code));
          },
          "collection"_a, "filter"_a, "change"_a, "code"_a.none(), "batch"_a, "workers"_a, "key"_a, "max_rate"_a,
          "Found, changed, and whether an earlier run had begun it. `code` gets the bytes of a document.");
}

void bind_sessions(nb::class_<NativeEnv>& env) {
  env.def("start_session", &NativeEnv::start_session, nb::keep_alive<0, 1>())
      .def("end_session", &NativeEnv::end_session)
      .def("begin_transaction", &NativeEnv::begin_transaction, "options"_a)
      .def("commit_transaction", &NativeEnv::commit_transaction)
      .def("abort_transaction", &NativeEnv::abort_transaction)
      .def_prop_ro("in_transaction", &NativeEnv::in_transaction)
      .def("session_id", &NativeEnv::session_id)
      .def("hello", &NativeEnv::hello)
      .def_prop_ro("address", &NativeEnv::address)
      .def("access", &NativeEnv::access);
}

}  // namespace

void bind_env(nb::module_& module) {
  nb::class_<NativeEnv> bound(
      module, "Env",
      "What the code of a migration works on; Documents go in as mappings or as BSON, and come out as BSON.");
  bind_sessions(bound);
  bind_batches(bound);
  bound.def_prop_ro("database", [](const NativeEnv& env) { return env.database(); })
      .def_prop_ro("dry_run", &NativeEnv::is_dry_run)
      .def("close", &NativeEnv::close)
      .def("collections", &NativeEnv::collections)
      .def("has_collection", &NativeEnv::has_collection, "database"_a, "name"_a)
      .def("create_collection", &NativeEnv::create_collection, "name"_a, "options"_a)
      .def("drop_collection", &NativeEnv::drop_collection, "name"_a, "trash"_a)
      .def("read", &NativeEnv::read, "database"_a, "command"_a)
      .def("read_batch", &NativeEnv::read_batch, "database"_a, "command"_a,
           "The same, for a command that gives a cursor.")
      .def("forget_cursor", &NativeEnv::forget_cursor, "database"_a, "collection"_a, "cursor_id"_a)
      .def(
          "run",
          [](NativeEnv& env, std::string database, nb::handle command) {
            return env.apply({std::move(database), RunCommand{document_of(command)}});
          },
          "database"_a, "command"_a)
      .def(
          "write",
          [](NativeEnv& env, std::string database, const std::string& verb, std::string collection,
             const nb::list& statements, nb::handle options, const std::string& place) {
            return env.apply({std::move(database), Write{verb_named(verb), std::move(collection),
                                                         documents_of(statements), document_of(options)}},
                             place);
          },
          "database"_a, "verb"_a, "collection"_a, "statements"_a, "options"_a, "place"_a = "")
      .def(
          "create",
          [](NativeEnv& env, std::string database, std::string collection, nb::handle options) {
            return env.apply({std::move(database), CreateCollection{std::move(collection), document_of(options)}});
          },
          "database"_a, "collection"_a, "options"_a)
      .def(
          "drop",
          [](NativeEnv& env, std::string database, std::string collection) {
            return env.apply({std::move(database), DropCollection{std::move(collection)}});
          },
          "database"_a, "collection"_a)
      .def(
          "rename",
          [](NativeEnv& env, std::string database, std::string collection, std::string to, bool drop_target) {
            return env.apply(
                {std::move(database), RenameCollection{std::move(collection), std::move(to), drop_target}});
          },
          "database"_a, "collection"_a, "to"_a, "drop_target"_a)
      .def(
          "create_indexes",
          [](NativeEnv& env, std::string database, std::string collection, const nb::list& indexes, nb::handle options,
             const std::string& place) {
            return env.apply({std::move(database),
                              CreateIndexes{std::move(collection), documents_of(indexes), document_of(options)}},
                             place);
          },
          "database"_a, "collection"_a, "indexes"_a, "options"_a, "place"_a = "")
      .def(
          "drop_indexes",
          [](NativeEnv& env, std::string database, std::string collection, nb::handle index, nb::handle options) {
            return env.apply(
                {std::move(database), DropIndexes{std::move(collection), document_of(index), document_of(options)}});
          },
          "database"_a, "collection"_a, "index"_a, "options"_a)
      .def(
          "modify",
          [](NativeEnv& env, std::string database, std::string collection, nb::handle changes) {
            return env.apply({std::move(database), ModifyCollection{std::move(collection), document_of(changes)}});
          },
          "database"_a, "collection"_a, "changes"_a);
}

}  // namespace treering::python
