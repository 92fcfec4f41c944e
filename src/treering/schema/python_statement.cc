// SPDX-License-Identifier: Apache-2.0
// One operation as Python statements over `env`. Writes have a file of their own.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "treering/base/quote.h"
#include "treering/schema/python_index.h"
#include "treering/schema/python_value.h"
#include "treering/schema/python_write.h"
#include "treering/schema/render.h"

namespace treering {
namespace {

// Arguments of pymongo's Database.command and aggregate, which a field of the command may not be taken for.
constexpr std::array<std::string_view, 7> kCommandArguments{
    "self", "command", "value", "check", "allowable_errors", "read_preference", "codec_options"};
constexpr std::array<std::string_view, 6> kAggregateArguments{"self",   "aggregate", "pipeline",
                                                              "cursor", "session",   "explain"};

template <std::size_t Size>
bool are_keywords(const std::vector<Field>& fields, const std::array<std::string_view, Size>& taken) {
  return std::ranges::all_of(fields, [&](const Field& field) {
    return is_python_name(field.key()) && field.key() != "session" &&
           std::ranges::find(taken, field.key()) == taken.end();
  });
}

Brackets text_argument(const std::string& text) {
  Brackets result;
  result.text = python_quoted(text);
  return result;
}

Brackets on_collection(const std::string& collection, std::string_view method, std::vector<Brackets> arguments) {
  return python_call(fmt::format("env.db[{}].{}", python_quoted(collection), method), std::move(arguments));
}

// What a statement is rendered with: its operation's database, which commands may name, and where imports go.
struct Renderer {
  const std::string& database;
  Imports& imports;

  using Statements = std::vector<Brackets>;

  Brackets command(const Document& document) const {
    return python_call("env.db.command", {python_brackets(document, imports)});
  }

  Statements operator()(const CreateCollection& create) const {
    Statements arguments{text_argument(create.collection)};
    for (Brackets& option : python_keywords(create.options.fields(), imports)) arguments.push_back(std::move(option));
    return {python_call("env.create_collection", std::move(arguments))};
  }

  Statements operator()(const DropCollection& drop) const {
    return {python_call("env.drop_collection", {text_argument(drop.collection)})};
  }

  Statements operator()(const RenameCollection& rename) const {
    Statements arguments{text_argument(rename.to)};
    if (rename.drop_target) arguments.emplace_back().text = "dropTarget=True";
    return {on_collection(rename.collection, "rename", std::move(arguments))};
  }

  Statements operator()(const CreateIndexes& create) const {
    Statements result;
    for (const Document& index : create.indexes) {
      if (create.options.empty() && is_for_create_index(index)) {
        const Document key = *index.document("key");
        result.push_back(on_collection(create.collection, "create_index",
                                       index_arguments(key, index, NameQuotes::single_ones, imports)));
      } else {
        const CreateIndexes alone{create.collection, {index}, create.options};
        result.push_back(command(commands_of({database, alone}).front()));
      }
    }
    return result;
  }

  Statements operator()(const DropIndexes& drop) const {
    const auto index = drop.index.find("index");
    if (!drop.options.empty() || !index || index->is_document())
      return {command(commands_of({database, drop}).front())};
    if (index->string() == "*") return {on_collection(drop.collection, "drop_indexes", {})};
    std::vector<std::string> names = drop.index.strings("index");
    if (const auto name = index->string()) names = {*name};
    Statements result;
    for (const std::string& name : names)
      result.push_back(on_collection(drop.collection, "drop_index", {text_argument(name)}));
    return result;
  }

  Statements operator()(const ModifyCollection& modify) const {
    const auto changes = modify.changes.fields();
    if (!are_keywords(changes, kCommandArguments)) return {command(commands_of({database, modify}).front())};
    Statements arguments{text_argument("collMod"), text_argument(modify.collection)};
    for (Brackets& change : python_keywords(changes, imports)) arguments.push_back(std::move(change));
    return {python_call("env.db.command", std::move(arguments))};
  }

  Statements operator()(const Write& write) const { return python_write({database, write}, imports); }

  Statements operator()(const RunCommand& run) const {
    const auto fields = run.command.fields();
    if (!fields.empty() && fields[0].type() == BSON_TYPE_UTF8) {
      if (fields[0].key() == "shardCollection" && run.command.document("key")) return shard(run.command);
      if (fields[0].key() == "unshardCollection" && fields.size() == 1)
        return {python_call("env.unshard_collection", {text_argument(without_database(*fields[0].string()))})};
      if (fields[0].key() == "aggregate") return aggregate(run.command);
    }
    return {command(run.command)};
  }

  // shardCollection names the database before the collection; env's methods don't.
  std::string without_database(const std::string& space) const {
    const std::string prefix = database + ".";
    return !database.empty() && space.starts_with(prefix) ? space.substr(prefix.size()) : space;
  }

  Statements shard(const Document& document) const {
    const auto known = [](const Field& field) {
      return field.key() == "shardCollection" || field.key() == "key" ||
             (field.key() == "unique" && field.type() == BSON_TYPE_BOOL);
    };
    if (!std::ranges::all_of(document.fields(), known)) return {command(document)};
    Statements arguments{text_argument(without_database(*document.string("shardCollection"))),
                         python_brackets(*document.document("key"), imports)};
    if (document.boolean("unique").value_or(false)) arguments.emplace_back().text = "unique=True";
    return {python_call("env.shard_collection", std::move(arguments))};
  }

  Statements aggregate(const Document& document) const {
    std::vector<Field> options;
    for (const Field& field : document.fields())
      if (field.key() != "aggregate" && field.key() != "pipeline" && field.key() != "cursor") options.push_back(field);
    const auto pipeline = document.find("pipeline");
    const bool plain_cursor = document.document("cursor").value_or(Document()).empty();
    if (!pipeline || !pipeline->is_array() || !plain_cursor || !are_keywords(options, kAggregateArguments))
      return {command(document)};
    Statements arguments{python_brackets(*pipeline, imports)};
    for (Brackets& option : python_keywords(options, imports)) arguments.push_back(std::move(option));
    return {on_collection(*document.string("aggregate"), "aggregate", std::move(arguments))};
  }
};

}  // namespace

std::string python_statement(const Operation& operation, Imports& imports, int indent) {
  BracketLayout layout;
  layout.indent = layout.column = indent;
  std::string result;
  for (const Brackets& statement : std::visit(Renderer{operation.database, imports}, operation.body)) {
    if (!result.empty()) result.append("\n").append(static_cast<std::size_t>(indent), ' ');
    result += laid_out(statement, layout);
  }
  return result;
}

}  // namespace treering
