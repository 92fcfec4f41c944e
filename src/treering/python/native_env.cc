// SPDX-License-Identifier: Apache-2.0
#include "treering/python/native_env.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <exception>
#include <tuple>

#include "treering/python/errors.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace treering::python {
namespace {

Document document_of(const nb::bytes& bytes) {
  return Document::from_bytes({static_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

nb::bytes bytes_of(const Document& document) {
  auto bytes = document.bytes();
  return nb::bytes(bytes.data(), bytes.size());
}

std::vector<Document> documents_of(const nb::list& list) {
  std::vector<Document> documents;
  documents.reserve(list.size());
  for (nb::handle item : list) documents.push_back(document_of(nb::borrow<nb::bytes>(item)));
  return documents;
}

Write::Verb verb_named(const std::string& name) {
  if (name == "insert") return Write::Verb::insert;
  if (name == "update") return Write::Verb::update;
  if (name == "delete") return Write::Verb::remove;
  throw Error(Kind::usage, "no kind of write is called " + name);
}

// The documents of a cursor's reply behind one another, as bson.decode_all takes them.
nb::tuple split_batch(const nb::bytes& reply) {
  Document document = document_of(reply);
  std::string documents;
  auto batch = document.find("cursor.firstBatch");
  if (!batch) batch = document.find("cursor.nextBatch");
  if (!batch || !batch->is_array()) throw Error(Kind::server, "the server's reply holds no cursor");
  bson_iter_t iter;
  bson_iter_t parent = batch->iter();
  bson_iter_recurse(&parent, &iter);
  while (bson_iter_next(&iter)) {
    std::uint32_t length = 0;
    const std::uint8_t* data = nullptr;
    bson_iter_document(&iter, &length, &data);
    documents.append(reinterpret_cast<const char*>(data), length);
  }
  return nb::make_tuple(document.integer("cursor.id").value_or(0), document.string("cursor.ns").value_or(""),
                        nb::bytes(documents.data(), documents.size()));
}

}  // namespace

NativeEnv::NativeEnv(Env& env, std::shared_ptr<void> kept_alive)
    : env_(&env), kept_alive_(std::move(kept_alive)), database_(env.database()) {}

// Runs `body` without the GIL. What it throws is raised as code of a migration expects it.
template <class Call>
auto NativeEnv::call(Call&& body) {
  std::exception_ptr thrown;
  {
    nb::gil_scoped_release released;
    std::lock_guard lock(mutex_);
    try {
      if (env_ == nullptr)
        throw Error(Kind::usage, "this env is closed: its migration is over",
                    "use env inside upgrade(env) or downgrade(env) only");
      return body(*env_);
    } catch (const Error&) {
      thrown = std::current_exception();
    }
  }
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    raise_exception(exception_in_env(error));
  }
}

void NativeEnv::close() {
  nb::gil_scoped_release released;
  std::lock_guard lock(mutex_);
  if (env_ != nullptr) kill_forgotten_cursors();
  env_ = nullptr;
  kept_alive_.reset();
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

bool NativeEnv::create_collection(const std::string& name, const nb::bytes& options) {
  return call([&, document = document_of(options)](Env& env) { return env.create_collection(name, document); });
}

bool NativeEnv::drop_collection(const std::string& name) {
  return call([&](Env& env) { return env.drop_collection(name); });
}

nb::bytes NativeEnv::read(const std::string& database, const nb::bytes& command) {
  return bytes_of(call([&, document = document_of(command)](Env& env) {
    kill_forgotten_cursors();
    return env.read(database, document);
  }));
}

nb::bytes NativeEnv::apply(Operation operation) {
  return bytes_of(call([&](Env& env) { return env.apply(operation); }));
}

void NativeEnv::forget_cursor(std::string database, std::string collection, std::int64_t id) {
  std::lock_guard lock(forgotten_mutex_);
  forgotten_.push_back({std::move(database), std::move(collection), id});
}

void NativeEnv::kill_forgotten_cursors() {
  std::vector<ForgottenCursor> forgotten;
  {
    std::lock_guard lock(forgotten_mutex_);
    forgotten.swap(forgotten_);
  }
  for (const ForgottenCursor& cursor : forgotten) {
    Document command;
    command.add("killCursors", cursor.collection).add_array("cursors", Document().add("0", cursor.id));
    try {
      env_->read(cursor.database, command);
    } catch (const Error&) {
      // The server closes idle cursors by itself: a courtesy that failed is no error.
    }
  }
}

void bind_env(nb::module_& module) {
  module.def("split_batch", &split_batch, "reply"_a,
             "The cursor's id, its namespace and its documents as one run of bytes, from the reply to a command that "
             "gives a cursor.");
  nb::class_<NativeEnv>(module, "Env", "What the code of a migration works on; BSON documents go in and out as bytes.")
      .def_prop_ro("database", [](const NativeEnv& env) { return env.database(); })
      .def_prop_ro("dry_run", &NativeEnv::is_dry_run)
      .def("close", &NativeEnv::close)
      .def("collections", &NativeEnv::collections)
      .def("has_collection", &NativeEnv::has_collection, "database"_a, "name"_a)
      .def("create_collection", &NativeEnv::create_collection, "name"_a, "options"_a)
      .def("drop_collection", &NativeEnv::drop_collection, "name"_a)
      .def("read", &NativeEnv::read, "database"_a, "command"_a)
      .def("forget_cursor", &NativeEnv::forget_cursor, "database"_a, "collection"_a, "cursor_id"_a)
      .def(
          "run",
          [](NativeEnv& env, std::string database, const nb::bytes& command) {
            return env.apply({std::move(database), RunCommand{document_of(command)}});
          },
          "database"_a, "command"_a)
      .def(
          "write",
          [](NativeEnv& env, std::string database, const std::string& verb, std::string collection,
             const nb::list& statements, const nb::bytes& options) {
            return env.apply({std::move(database), Write{verb_named(verb), std::move(collection),
                                                         documents_of(statements), document_of(options)}});
          },
          "database"_a, "verb"_a, "collection"_a, "statements"_a, "options"_a)
      .def(
          "create",
          [](NativeEnv& env, std::string database, std::string collection, const nb::bytes& options) {
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
          [](NativeEnv& env, std::string database, std::string collection, const nb::list& indexes,
             const nb::bytes& options) {
            return env.apply({std::move(database),
                              CreateIndexes{std::move(collection), documents_of(indexes), document_of(options)}});
          },
          "database"_a, "collection"_a, "indexes"_a, "options"_a)
      .def(
          "drop_indexes",
          [](NativeEnv& env, std::string database, std::string collection, const nb::bytes& index,
             const nb::bytes& options) {
            return env.apply(
                {std::move(database), DropIndexes{std::move(collection), document_of(index), document_of(options)}});
          },
          "database"_a, "collection"_a, "index"_a, "options"_a)
      .def(
          "modify",
          [](NativeEnv& env, std::string database, std::string collection, const nb::bytes& changes) {
            return env.apply({std::move(database), ModifyCollection{std::move(collection), document_of(changes)}});
          },
          "database"_a, "collection"_a, "changes"_a);
}

}  // namespace treering::python
