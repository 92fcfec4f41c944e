// SPDX-License-Identifier: Apache-2.0
// How Python sees NativeEnv: names, arguments, and operations made of them.
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "treering/python/encode_bson.h"
#include "treering/python/native_env.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace treering::python {
namespace {

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

ReplyForm reply_form(bool as_bytes) { return as_bytes ? ReplyForm::bytes : ReplyForm::dict; }

void bind_batches(nb::class_<NativeEnv>& env) {
  env.def("begin_batch", &NativeEnv::begin_batch, "size"_a)
      .def("end_batch", &NativeEnv::end_batch)
      .def("drop_batch", &NativeEnv::drop_batch)
      .def_prop_ro("in_batch", &NativeEnv::in_batch)
      .def(
          "backfill",
          [](NativeEnv& native, std::string collection, nb::handle filter, nb::handle change, nb::object code,
             std::int64_t batch, std::int64_t workers, std::string key, double max_rate, std::string name) {
            BackfillRequest request;
            request.collection = std::move(collection);
            request.filter = document_of(filter);
            request.change = document_of(change);
            request.batch = batch;
            request.workers = workers;
            request.key = std::move(key);
            request.max_rate = max_rate;
            request.name = std::move(name);
            return native.backfill(std::move(request), std::move(code));
          },
          "collection"_a, "filter"_a, "change"_a, "code"_a.none(), "batch"_a, "workers"_a, "key"_a, "max_rate"_a,
          "name"_a, "Found, changed, and whether an earlier run had begun it. `code` gets the bytes of a document.");
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
      "What the code of a migration works on; documents go in as mappings or as BSON, and come out as BSON, but for the"
      " replies to writes where `as_bytes` isn't asked for.");
  bind_sessions(bound);
  bind_batches(bound);
  bound.def_prop_ro("database", [](const NativeEnv& env) { return env.database(); })
      .def_prop_ro("dry_run", &NativeEnv::is_dry_run)
      .def_prop_ro("script", &NativeEnv::is_script)
      .def("note_use", &NativeEnv::note_use, "what"_a, "For a script: the code looked at what only a real run tells.")
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
          [](NativeEnv& env, const std::string& database, nb::handle command) {
            return env.run(database, document_of(command));
          },
          "database"_a, "command"_a)
      .def(
          "write",
          [](NativeEnv& env, const std::string& database, const std::string& verb, std::string collection,
             nb::handle statement, nb::handle options, const std::string& place, bool as_bytes) {
            return env.write(database,
                             {verb_named(verb), std::move(collection), {document_of(statement)}, document_of(options)},
                             place, reply_form(as_bytes));
          },
          "database"_a, "verb"_a, "collection"_a, "statement"_a, "options"_a, "place"_a = "", "as_bytes"_a = false)
      .def(
          "write_many",
          [](NativeEnv& env, const std::string& database, const std::string& verb, std::string collection,
             const nb::list& statements, nb::handle options, bool as_bytes) {
            return env.write_many(
                database, {verb_named(verb), std::move(collection), documents_of(statements), document_of(options)},
                reply_form(as_bytes));
          },
          "database"_a, "verb"_a, "collection"_a, "statements"_a, "options"_a, "as_bytes"_a = false)
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
