// SPDX-License-Identifier: Apache-2.0
// One operation as the statements of a script. Writes have a file of their own.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "treering/base/error.h"
#include "treering/base/quote.h"
#include "treering/schema/mongosh.h"
#include "treering/schema/mongosh_value.h"
#include "treering/schema/mongosh_write.h"

namespace treering {
namespace {

using Statements = std::vector<Brackets>;
using Names = std::span<const std::string_view>;

// A command is sent as one document of at most 16 MiB, to which the shell adds a little.
constexpr std::size_t kMostStatements = 10000;
constexpr std::size_t kMostBytes = 16000000;

// What the methods' options hand on; all others they drop, or take for their own.
constexpr std::array<std::string_view, 14> kCollectionOptions{"capped",
                                                              "size",
                                                              "max",
                                                              "validator",
                                                              "validationLevel",
                                                              "validationAction",
                                                              "collation",
                                                              "viewOn",
                                                              "pipeline",
                                                              "timeseries",
                                                              "clusteredIndex",
                                                              "expireAfterSeconds",
                                                              "changeStreamPreAndPostImages",
                                                              "storageEngine"};
constexpr std::array<std::string_view, 17> kIndexOptions{"name",
                                                         "unique",
                                                         "sparse",
                                                         "expireAfterSeconds",
                                                         "partialFilterExpression",
                                                         "hidden",
                                                         "background",
                                                         "storageEngine",
                                                         "weights",
                                                         "default_language",
                                                         "bits",
                                                         "language_override",
                                                         "textIndexVersion",
                                                         "min",
                                                         "2dsphereIndexVersion",
                                                         "max",
                                                         "wildcardProjection"};

// The document as an object whose every field is among those names.
bool is_plain_of(const Document& document, Names names) {
  return is_plain_object(document) && std::ranges::all_of(document.fields(), [&](const Field& field) {
           return std::ranges::find(names, field.key()) != names.end();
         });
}

// What the shell takes for a collection's name.
bool is_shell_name(std::string_view name) {
  return !name.empty() && name.find('$') == std::string_view::npos && name.find("..") == std::string_view::npos &&
         !name.starts_with('.') && !name.ends_with('.');
}

// The shell gives the same default name to keys like these.
bool has_default_name(const Document& key, const Document& specification) {
  return index_name(specification) == default_index_name(key);
}

bool is_shell_key(const Document& key) {
  return is_plain_object(key) && !key.empty() && std::ranges::all_of(key.fields(), [](const Field& field) {
           return field.type() == BSON_TYPE_INT32 || field.type() == BSON_TYPE_UTF8;
         });
}

// Calls on one database.
struct Renderer {
  std::string database;  // the expression that stands for it

  Brackets call(std::string_view method, std::vector<Brackets> arguments) const {
    return mongosh_call(fmt::format("{}.{}", database, method), std::move(arguments));
  }

  Brackets on_collection(const std::string& collection, std::string_view method,
                         std::vector<Brackets> arguments = {}) const {
    return call(fmt::format("getCollection({}).{}", javascript_quoted(collection), method), std::move(arguments));
  }

  Brackets command(const Document& document, std::string_view method = "runCommand") const {
    if (!is_plain_object(document))
      throw Error(Kind::usage,
                  fmt::format("the command {} has a field whose name is a number, which the shell would send first",
                              document.empty() ? "" : comment_text(document.fields().front().key())),
                  "run this revision with treering");
    return call(method, {mongosh_brackets(document)});
  }

  Statements commands(const Operation& operation) const {
    const bool is_admins = std::holds_alternative<RenameCollection>(operation.body);
    Statements result;
    for (const Document& document : commands_of(operation, kMostStatements, kMostBytes))
      result.push_back(command(document, is_admins ? "adminCommand" : "runCommand"));
    return result;
  }

  // Each gives nothing where no method sends the same.
  Statements method(const CreateCollection& create) const {
    if (!is_shell_name(create.collection) || !is_plain_of(create.options, kCollectionOptions)) return {};
    Statements arguments{mongosh_text(create.collection)};
    if (!create.options.empty()) arguments.push_back(mongosh_brackets(create.options));
    return {call("createCollection", std::move(arguments))};
  }

  Statements method(const DropCollection& drop) const {
    if (!is_shell_name(drop.collection)) return {};
    return {on_collection(drop.collection, "drop")};
  }

  Statements method(const RenameCollection& rename) const {
    if (!is_shell_name(rename.collection) || !is_shell_name(rename.to)) return {};
    Statements arguments{mongosh_text(rename.to)};
    if (rename.drop_target) arguments.emplace_back().text = "true";
    return {on_collection(rename.collection, "renameCollection", std::move(arguments))};
  }

  Statements method(const CreateIndexes& create) const {
    if (!is_shell_name(create.collection) || create.indexes.size() != 1 || !create.options.empty()) return {};
    const auto key = create.indexes.front().document("key");
    if (!key || !is_shell_key(*key)) return {};
    const bool is_default = has_default_name(*key, create.indexes.front());
    Document options;
    for (const Field& field : create.indexes.front().fields())
      if (field.key() != "key" && !(is_default && field.key() == "name")) options.add(field);
    if (!is_plain_of(options, kIndexOptions)) return {};
    Statements arguments{mongosh_brackets(*key)};
    if (!options.empty()) arguments.push_back(mongosh_brackets(options));
    return {on_collection(create.collection, "createIndex", std::move(arguments))};
  }

  Statements method(const DropIndexes& drop) const {
    const auto index = drop.index.find("index");
    if (!is_shell_name(drop.collection) || !drop.options.empty() || !index) return {};
    if (index->string() == "*") return {on_collection(drop.collection, "dropIndexes")};
    if (index->type() != BSON_TYPE_UTF8) return {};
    return {on_collection(drop.collection, "dropIndex", {mongosh_brackets(*index)})};
  }

  Statements method(const Write& write) const {
    if (!is_shell_name(write.collection)) return {};
    auto found = shell_method(write);
    if (!found) return {};
    return {on_collection(write.collection, found->name, std::move(found->arguments))};
  }

  Statements method(const ModifyCollection&) const { return {}; }
  Statements method(const RunCommand&) const { return {}; }
};

}  // namespace

std::string mongosh_statement(const Operation& operation, const std::string& database, int indent) {
  const Renderer renderer{operation.database == database
                              ? "db"
                              : fmt::format("db.getSiblingDB({})", javascript_quoted(operation.database))};
  Statements statements = std::visit([&](const auto& body) { return renderer.method(body); }, operation.body);
  if (statements.empty()) statements = renderer.commands(operation);
  BracketLayout layout = kMongoshLayout;
  layout.indent = layout.column = indent;
  std::string result;
  for (Brackets& statement : statements) {
    statement.text.insert(0, "run(() => ");
    statement.close += ");";
    if (!result.empty()) result.append("\n").append(static_cast<std::size_t>(indent), ' ');
    result += laid_out(statement, layout);
  }
  return result;
}

}  // namespace treering
