// SPDX-License-Identifier: Apache-2.0
// Words and commands of operations. Inverses and the journal's form have files of their own.
#include "treering/schema/operation.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "treering/base/error.h"

namespace treering {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

// Commands that change a schema, for those who send them as they are.
constexpr std::array<std::string_view, 12> kSchemaCommands{
    "create",  "drop",         "renameCollection", "createIndexes",       "dropIndexes",       "deleteIndexes",
    "collMod", "dropDatabase", "convertToCapped",  "createSearchIndexes", "updateSearchIndex", "dropSearchIndex"};

std::string command_name(const RunCommand& run) {
  const auto name = run.command.first();
  return name ? std::string(name->key()) : "nothing";
}

std::string command_collection(const RunCommand& run) {
  const auto name = run.command.first();
  return name ? name->string().value_or("") : "";
}

std::string counted_indexes(std::string_view verb, std::string_view joint, const std::string& collection,
                            const std::vector<std::string>& names) {
  const std::string start(verb);
  if (names.size() == 1) return start + " index " + collection + "." + names.front();
  return start + " " + std::to_string(names.size()) + " indexes " + std::string(joint) + " " + collection;
}

std::string describe_drop(const DropIndexes& drop) {
  const auto index = drop.index.find("index");
  if (!index) return "drop indexes on " + drop.collection;
  if (const auto name = index->string(); name == "*") return "drop all indexes on " + drop.collection;
  if (const auto name = index->string()) return counted_indexes("drop", "on", drop.collection, {*name});
  if (index->is_array()) return counted_indexes("drop", "on", drop.collection, drop.index.strings("index"));
  return counted_indexes("drop", "on", drop.collection, {default_index_name(index->document().value_or(Document()))});
}

std::string describe_create(const CreateIndexes& create) {
  std::vector<std::string> names;
  for (const Document& index : create.indexes) names.push_back(index_name(index));
  return counted_indexes("create", "on", create.collection, names);
}

std::string describe_write(const Write& write) {
  switch (write.verb) {
    case Write::Verb::insert:
      return "insert into " + write.collection;
    case Write::Verb::update:
      return "update " + write.collection;
    case Write::Verb::remove:
      return "delete from " + write.collection;
  }
  return {};
}

Document named(std::string_view command, const std::string& collection) {
  Document result;
  result.add(command, collection);
  return result;
}

Document rename_command(const std::string& database, const RenameCollection& rename) {
  Document result = named("renameCollection", database + "." + rename.collection);
  result.add("to", database + "." + rename.to);
  if (rename.drop_target) result.add("dropTarget", true);
  return result;
}

// The server asks for a name; drivers fill it in, so do we.
Document with_name(const Document& specification) {
  if (specification.has("name")) return specification;
  Document result = specification;
  result.add("name", index_name(specification));
  return result;
}

Document create_indexes_command(const CreateIndexes& create) {
  std::vector<Document> indexes;
  for (const Document& index : create.indexes) indexes.push_back(with_name(index));
  return named("createIndexes", create.collection).add_array("indexes", indexes).add_all(create.options);
}

struct WriteWords {
  std::string_view command;
  std::string_view list;
};
WriteWords words_of(Write::Verb verb) {
  switch (verb) {
    case Write::Verb::insert:
      return {"insert", "documents"};
    case Write::Verb::update:
      return {"update", "updates"};
    case Write::Verb::remove:
      return {"delete", "deletes"};
  }
  return {};
}

std::vector<Document> write_commands(const Write& write, std::size_t max_statements, std::size_t max_bytes) {
  const auto [command, list] = words_of(write.verb);
  std::vector<Document> result;
  for (std::size_t next = 0; next < write.statements.size();) {
    Document batch;
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (; next < write.statements.size(); ++next, ++count) {
      const Document& statement = write.statements[next];
      const std::string key = std::to_string(count);
      const std::size_t size = statement.bytes().size() + key.size() + 2;  // type before, zero after the key
      // One statement goes out whatever its size: the server's refusal says more than ours could.
      if (count > 0 && (count >= max_statements || bytes + size > max_bytes)) break;
      batch.add(key, statement);
      bytes += size;
    }
    result.push_back(named(command, write.collection).add_array(list, batch).add_all(write.options));
  }
  return result;
}

std::string key_value(const Field& field) {
  if (auto text = field.string()) return *text;
  if (field.type() == BSON_TYPE_DOUBLE && field.number() != std::trunc(*field.number())) {
    std::string digits = std::to_string(*field.number());
    return digits.erase(digits.find_last_not_of('0') + 1);
  }
  if (auto number = field.integer()) return std::to_string(*number);
  return "?";
}

}  // namespace

std::string default_index_name(const Document& key) {
  std::string result;
  for (const Field& field : key.fields()) {
    if (!result.empty()) result += '_';
    result.append(field.key()).append("_").append(key_value(field));
  }
  return result;
}

std::string index_name(const Document& specification) {
  if (auto name = specification.string("name")) return *name;
  return default_index_name(specification.document("key").value_or(Document()));
}

const std::string& command_database(const Operation& operation) {
  static const std::string kAdmin = "admin";
  return std::holds_alternative<RenameCollection>(operation.body) ? kAdmin : operation.database;
}

std::string describe(const Operation& operation) {
  return std::visit(
      Overloaded{
          [](const CreateCollection& op) { return "create collection " + op.collection; },
          [](const DropCollection& op) { return "drop collection " + op.collection; },
          [](const RenameCollection& op) { return "rename collection " + op.collection + " to " + op.to; },
          [](const CreateIndexes& op) { return describe_create(op); },
          [](const DropIndexes& op) { return describe_drop(op); },
          [](const ModifyCollection& op) { return "change collection " + op.collection; },
          [](const Write& op) { return describe_write(op); },
          [](const RunCommand& op) {
            const std::string collection = command_collection(op);
            return "run " + command_name(op) + (collection.empty() ? "" : " " + collection);
          },
      },
      operation.body);
}

bool is_schema(const Operation& operation) {
  if (std::holds_alternative<Write>(operation.body)) return false;
  if (const auto* run = std::get_if<RunCommand>(&operation.body))
    return std::ranges::find(kSchemaCommands, command_name(*run)) != kSchemaCommands.end();
  return true;
}

std::string collection_of(const Operation& operation) {
  return std::visit(Overloaded{[](const RunCommand& op) { return command_collection(op); },
                               [](const auto& op) { return op.collection; }},
                    operation.body);
}

std::vector<Document> commands_of(const Operation& operation, std::size_t max_statements, std::size_t max_bytes) {
  using Commands = std::vector<Document>;
  return std::visit(
      Overloaded{
          [](const CreateCollection& op) { return Commands{named("create", op.collection).add_all(op.options)}; },
          [](const DropCollection& op) { return Commands{named("drop", op.collection)}; },
          [&](const RenameCollection& op) { return Commands{rename_command(operation.database, op)}; },
          [](const CreateIndexes& op) { return Commands{create_indexes_command(op)}; },
          [](const DropIndexes& op) {
            return Commands{named("dropIndexes", op.collection).add_all(op.index).add_all(op.options)};
          },
          [](const ModifyCollection& op) { return Commands{named("collMod", op.collection).add_all(op.changes)}; },
          [&](const Write& op) { return write_commands(op, max_statements, max_bytes); },
          [](const RunCommand& op) { return Commands{op.command}; },
      },
      operation.body);
}

}  // namespace treering
