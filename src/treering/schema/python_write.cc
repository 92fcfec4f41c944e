// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/python_write.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "treering/base/quote.h"
#include "treering/schema/python_value.h"

namespace treering {
namespace {

// A field of a statement or of its command, and the argument that stands for it.
struct Argument {
  std::string_view field;
  std::string_view name;
};

using Arguments = std::span<const Argument>;
using Names = std::span<const std::string_view>;

constexpr Argument kInsertOptions[]{
    {"ordered", "ordered"}, {"bypassDocumentValidation", "bypass_document_validation"}, {"comment", "comment"}};
constexpr Argument kUpdateOptions[]{
    {"bypassDocumentValidation", "bypass_document_validation"}, {"let", "let"}, {"comment", "comment"}};
constexpr Argument kRemoveOptions[]{{"let", "let"}, {"comment", "comment"}};
constexpr Argument kUpdateFields[]{
    {"upsert", "upsert"}, {"collation", "collation"}, {"arrayFilters", "array_filters"}, {"hint", "hint"}};
constexpr Argument kReplaceFields[]{{"upsert", "upsert"}, {"collation", "collation"}, {"hint", "hint"}};
constexpr Argument kRemoveFields[]{{"collation", "collation"}, {"hint", "hint"}};

// Given by the call itself, or without meaning for one statement.
constexpr std::string_view kUpdateDone[]{"q", "u", "multi"};
constexpr std::string_view kRemoveDone[]{"q", "limit"};
constexpr std::string_view kOneStatement[]{"ordered"};

// What needs no argument: it is as if it weren't there.
bool says_nothing(const Field& field) {
  const bool is_false = field.type() == BSON_TYPE_BOOL && !*field.boolean();
  const bool is_true = field.type() == BSON_TYPE_BOOL && *field.boolean();
  return (field.key() == "upsert" && is_false) || (field.key() == "ordered" && is_true);
}

// Appends the fields but those named in `done` as arguments; false where one has none.
bool add_arguments(const Document& from, Names done, Arguments known, Imports& imports,
                   std::vector<Brackets>& arguments) {
  for (const Field& field : from.fields()) {
    if (std::ranges::find(done, field.key()) != done.end() || says_nothing(field)) continue;
    const auto argument = std::ranges::find(known, field.key(), &Argument::field);
    if (argument == known.end()) return false;
    arguments.push_back(prefixed(std::string(argument->name) + "=", python_brackets(field, imports)));
  }
  return true;
}

Brackets on_collection(const Write& write, std::string_view method, std::vector<Brackets> arguments) {
  return python_call(fmt::format("env.db[{}].{}", python_quoted(write.collection), method), std::move(arguments));
}

std::optional<Brackets> insert(const Write& write, Imports& imports) {
  const bool is_one = write.statements.size() == 1;
  std::vector<Brackets> arguments{is_one ? python_brackets(write.statements.front(), imports)
                                         : python_list(write.statements, imports)};
  const Names done = is_one ? Names(kOneStatement) : Names();
  if (!add_arguments(write.options, done, kInsertOptions, imports, arguments)) return std::nullopt;
  return on_collection(write, is_one ? "insert_one" : "insert_many", std::move(arguments));
}

enum class Form { replacement, operators, neither };

// As pymongo tells them apart: by the first field.
Form form_of(const Field& change) {
  const Document items = *change.document();
  if (change.is_array()) return items.empty() ? Form::neither : Form::operators;
  return items.empty() || !items.fields().front().key().starts_with('$') ? Form::replacement : Form::operators;
}

std::optional<Brackets> update(const Write& write, const Document& statement, Imports& imports) {
  const auto filter = statement.document("q");
  const auto change = statement.find("u");
  if (!filter || !change || !change->document()) return std::nullopt;
  const Form form = form_of(*change);
  const bool is_multi = statement.boolean("multi").value_or(false);
  if (form == Form::neither || (form == Form::replacement && is_multi)) return std::nullopt;
  std::vector<Brackets> arguments{python_brackets(*filter, imports), python_brackets(*change, imports)};
  const Arguments fields = form == Form::replacement ? Arguments(kReplaceFields) : Arguments(kUpdateFields);
  if (!add_arguments(statement, kUpdateDone, fields, imports, arguments)) return std::nullopt;
  if (!add_arguments(write.options, kOneStatement, kUpdateOptions, imports, arguments)) return std::nullopt;
  if (form == Form::replacement) return on_collection(write, "replace_one", std::move(arguments));
  return on_collection(write, is_multi ? "update_many" : "update_one", std::move(arguments));
}

std::optional<Brackets> remove(const Write& write, const Document& statement, Imports& imports) {
  const auto filter = statement.document("q");
  const auto limit = statement.integer("limit");
  if (!filter || (limit != 0 && limit != 1)) return std::nullopt;
  std::vector<Brackets> arguments{python_brackets(*filter, imports)};
  if (!add_arguments(statement, kRemoveDone, kRemoveFields, imports, arguments)) return std::nullopt;
  if (!add_arguments(write.options, kOneStatement, kRemoveOptions, imports, arguments)) return std::nullopt;
  return on_collection(write, limit == 1 ? "delete_one" : "delete_many", std::move(arguments));
}

Brackets as_command(const Operation& operation, Imports& imports) {
  return python_call("env.db.command", {python_brackets(commands_of(operation).front(), imports)});
}

}  // namespace

std::vector<Brackets> python_write(const Operation& operation, Imports& imports) {
  const Write& write = std::get<Write>(operation.body);
  if (write.statements.empty()) return {};
  if (write.verb == Write::Verb::insert) {
    const auto call = insert(write, imports);
    return {call ? *call : as_command(operation, imports)};
  }
  std::vector<Brackets> result;
  for (const Document& statement : write.statements) {
    const auto call =
        write.verb == Write::Verb::update ? update(write, statement, imports) : remove(write, statement, imports);
    const Write alone{write.verb, write.collection, {statement}, write.options};
    result.push_back(call ? *call : as_command({operation.database, alone}, imports));
  }
  return result;
}

std::string python_insert_where_missing(const Write& write, Imports& imports, int indent) {
  const auto line = [](int column, std::string_view text) {
    return fmt::format("\n{}{}", std::string(static_cast<std::size_t>(column), ' '), text);
  };
  const auto text = [](const Brackets& brackets, int column) {
    BracketLayout layout;
    layout.indent = layout.column = column;
    return laid_out(brackets, layout);
  };
  const std::string collection = fmt::format("env.db[{}]", python_quoted(write.collection));
  std::vector<Brackets> options;
  add_arguments(write.options, kOneStatement, kInsertOptions, imports, options);
  const auto insert = [&](Brackets document, int column) {
    std::vector<Brackets> arguments{std::move(document)};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return line(column, text(python_call(collection + ".insert_one", std::move(arguments)), column));
  };
  if (write.statements.size() == 1) {
    const Document& document = write.statements.front();
    Brackets found = python_call("if " + collection + ".find_one",
                                 {python_brackets(Document().add(*document.find("_id")), imports)});
    found.close += " is None:";
    return text(found, indent) + insert(python_brackets(document, imports), indent + 4);
  }
  Brackets documents = prefixed("for document in ", python_list(write.statements, imports));
  documents.close += ":";
  Brackets name;
  name.text = "document";
  return text(documents, indent) +
         line(indent + 4, fmt::format("if {}.find_one({{'_id': document['_id']}}) is None:", collection)) +
         insert(std::move(name), indent + 8);
}

}  // namespace treering
