// SPDX-License-Identifier: Apache-2.0
// An operation is a value: what a migration asks a database to do. Running, describing, undoing, writing down and
// reading back are functions over it (ARCHITECTURE.md, "One idea"). Pure.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "treering/base/document.h"

namespace treering {

struct CreateCollection {
  std::string collection;
  Document options;  // of the `create` command, without the name
  friend bool operator==(const CreateCollection&, const CreateCollection&) = default;
};
struct DropCollection {
  std::string collection;
  friend bool operator==(const DropCollection&, const DropCollection&) = default;
};
struct RenameCollection {
  std::string collection;
  std::string to;
  bool drop_target = false;
  friend bool operator==(const RenameCollection&, const RenameCollection&) = default;
};
struct CreateIndexes {
  std::string collection;
  std::vector<Document> indexes;  // specifications as `createIndexes` takes them: key, name, options
  Document options;               // of the command itself: commitQuorum, comment, ...
  friend bool operator==(const CreateIndexes&, const CreateIndexes&) = default;
};
struct DropIndexes {
  std::string collection;
  Document index;    // one field "index": a name, a key pattern, an array of names, or "*"
  Document options;  // of the command itself: comment, ...
  friend bool operator==(const DropIndexes&, const DropIndexes&) = default;
};
struct ModifyCollection {
  std::string collection;
  Document changes;  // of the `collMod` command, without the name
  friend bool operator==(const ModifyCollection&, const ModifyCollection&) = default;
};
// Changes of documents. `statements` are documents to insert, or the server's update statements ({q, u, multi, upsert,
// ...}), or its delete statements ({q, limit, ...}). Any number: split into as many commands as the server's limits ask
// for.
struct Write {
  enum class Verb { insert, update, remove };
  Verb verb;
  std::string collection;
  std::vector<Document> statements;
  Document options;  // of the command: ordered, let, comment, bypassDocumentValidation, writeConcern
  friend bool operator==(const Write&, const Write&) = default;
};
// Anything else that may change something: findAndModify, aggregate with $out or $merge, or a command we have no name
// for.
struct RunCommand {
  Document command;
  friend bool operator==(const RunCommand&, const RunCommand&) = default;
};

struct Operation {
  std::string database;
  std::variant<CreateCollection, DropCollection, RenameCollection, CreateIndexes, DropIndexes, ModifyCollection, Write,
               RunCommand>
      body;
  friend bool operator==(const Operation&, const Operation&) = default;
};

// The name MongoDB's drivers give an index without one: its fields and their values joined by "_", as "uid_1_at_-1".
std::string default_index_name(const Document& key);

// The `name` of a specification as `createIndexes` takes it, else the default one.
std::string index_name(const Document& specification);

// One line for a person: "create collection wallet", "create index wallet.uid_org_idx", "update users".
std::string describe(const Operation& operation);

// Collections, indexes, validators; not documents.
bool is_schema(const Operation& operation);

// The collection it works on; "" for a command without one.
std::string collection_of(const Operation& operation);

// The database that its commands are sent to: "admin" for renameCollection, else its own.
const std::string& command_database(const Operation& operation);

// The command documents that carry it out, in order. Writes are split so that no command holds more than
// `max_statements` or more than `max_bytes` of statements. renameCollection is the one that runs on the "admin"
// database.
std::vector<Document> commands_of(const Operation& operation, std::size_t max_statements = 100000,
                                  std::size_t max_bytes = 48000000);

// What an operation's inverse needs to know of the collection before it ran. For RenameCollection: of the collection in
// the way, under the new name.
struct Found {
  bool exists = false;            // the collection was there
  Document options;               // its options, as listCollections gives them
  std::vector<Document> indexes;  // its indexes, as listIndexes gives them
};

// The operations that bring back the schema that was there before, in the order to run them. Nothing where no operation
// can (documents are gone, or changed); an empty list where there is nothing to undo (the collection was there
// already).
std::optional<std::vector<Operation>> inverse_of(const Operation& operation, const Found& before);

// For the journal. operation_from(to_document(op)) == op; operation_from throws Error(Kind::usage) on what isn't one.
Document to_document(const Operation& operation);
Operation operation_from(const Document& document);

}  // namespace treering
