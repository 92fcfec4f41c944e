// SPDX-License-Identifier: Apache-2.0
// Operations as documents, for the journal: {database, operation, collection, ...the fields of its struct}.
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "treering/base/error.h"
#include "treering/schema/operation.h"

namespace treering {
namespace {

constexpr std::array<std::pair<Write::Verb, std::string_view>, 3> kVerbs{{
    {Write::Verb::insert, "insert"},
    {Write::Verb::update, "update"},
    {Write::Verb::remove, "delete"},
}};

// Appends the fields of each kind.
struct Writer {
  Document& to;

  void start(std::string_view operation, const std::string& collection) {
    to.add("operation", operation).add("collection", collection);
  }
  void operator()(const CreateCollection& op) {
    start("create_collection", op.collection);
    to.add("options", op.options);
  }
  void operator()(const DropCollection& op) { start("drop_collection", op.collection); }
  void operator()(const RenameCollection& op) {
    start("rename_collection", op.collection);
    to.add("to", op.to).add("drop_target", op.drop_target);
  }
  void operator()(const CreateIndexes& op) {
    start("create_indexes", op.collection);
    to.add_array("indexes", op.indexes).add("options", op.options);
  }
  void operator()(const DropIndexes& op) {
    start("drop_indexes", op.collection);
    to.add("index", op.index).add("options", op.options);
  }
  void operator()(const ModifyCollection& op) {
    start("modify_collection", op.collection);
    to.add("changes", op.changes);
  }
  void operator()(const Write& op) {
    start("write", op.collection);
    for (const auto& [verb, name] : kVerbs)
      if (verb == op.verb) to.add("verb", name);
    to.add_array("statements", op.statements).add("options", op.options);
  }
  void operator()(const RunCommand& op) { to.add("operation", "run_command").add("command", op.command); }
};

// Reads fields that must be there and of their type.
class Reader {
 public:
  explicit Reader(const Document& from) : from_(from) {}

  std::string text(std::string_view name) const { return *require(from_.string(name), name); }

  bool flag(std::string_view name) const {
    const auto field = from_.find(name);
    return *require(field && field->type() == BSON_TYPE_BOOL ? field->boolean() : std::nullopt, name);
  }

  Document document(std::string_view name) const {
    const auto field = from_.find(name);
    return *require(field && field->is_document() ? field->document() : std::nullopt, name);
  }

  std::vector<Document> documents(std::string_view name) const {
    const auto field = from_.find(name);
    const Document list = *require(field && field->is_array() ? field->document() : std::nullopt, name);
    std::vector<Document> result;
    for (const Field& item : list.fields())
      result.push_back(*require(item.is_document() ? item.document() : std::nullopt, name));
    return result;
  }

  Write::Verb verb() const {
    const std::string text = this->text("verb");
    for (const auto& [verb, name] : kVerbs)
      if (name == text) return verb;
    throw Error(Kind::usage, "not an operation: there is no verb \"" + text + "\"");
  }

 private:
  template <class T>
  static std::optional<T> require(std::optional<T> value, std::string_view name) {
    if (!value)
      throw Error(Kind::usage, "not an operation: \"" + std::string(name) + "\" is missing or of a wrong type");
    return value;
  }

  const Document& from_;
};

decltype(Operation::body) body_from(const Reader& from) {
  const std::string operation = from.text("operation");
  if (operation == "run_command") return RunCommand{from.document("command")};
  const std::string collection = from.text("collection");
  if (operation == "create_collection") return CreateCollection{collection, from.document("options")};
  if (operation == "drop_collection") return DropCollection{collection};
  if (operation == "rename_collection") return RenameCollection{collection, from.text("to"), from.flag("drop_target")};
  if (operation == "create_indexes")
    return CreateIndexes{collection, from.documents("indexes"), from.document("options")};
  if (operation == "drop_indexes") return DropIndexes{collection, from.document("index"), from.document("options")};
  if (operation == "modify_collection") return ModifyCollection{collection, from.document("changes")};
  if (operation == "write")
    return Write{from.verb(), collection, from.documents("statements"), from.document("options")};
  throw Error(Kind::usage, "not an operation: there is none called \"" + operation + "\"");
}

}  // namespace

Document to_document(const Operation& operation) {
  Document result;
  result.add("database", operation.database);
  std::visit(Writer{result}, operation.body);
  return result;
}

Operation operation_from(const Document& document) {
  const Reader from(document);
  return {from.text("database"), body_from(from)};
}

}  // namespace treering
