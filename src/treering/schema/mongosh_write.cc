// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/mongosh_write.h"

#include <algorithm>
#include <array>
#include <span>

#include "treering/schema/mongosh_value.h"

namespace treering {
namespace {

using Names = std::span<const std::string_view>;

// Fields of a statement and of its command that the methods' options have under the same names.
constexpr std::array<std::string_view, 2> kInsertOptions{"ordered", "comment"};
constexpr std::array<std::string_view, 2> kCommandOptions{"let", "comment"};
constexpr std::array<std::string_view, 4> kUpdateFields{"upsert", "collation", "arrayFilters", "hint"};
constexpr std::array<std::string_view, 3> kReplaceFields{"upsert", "collation", "hint"};
constexpr std::array<std::string_view, 2> kRemoveFields{"collation", "hint"};
// Given by the call itself.
constexpr std::array<std::string_view, 3> kUpdateDone{"q", "u", "multi"};
constexpr std::array<std::string_view, 2> kRemoveDone{"q", "limit"};

bool is_among(Names names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

// What needs no option: it is as if it weren't there.
bool says_nothing(const Field& field) {
  if (field.type() != BSON_TYPE_BOOL) return false;
  return field.key() == "ordered" ? *field.boolean() : field.key() == "upsert" && !*field.boolean();
}

// Adds the fields but those in `done` to the options; false where a method has none of that name.
bool take_options(const Document& from, Names done, Names known, Document& options) {
  for (const Field& field : from.fields()) {
    if (is_among(done, field.key()) || says_nothing(field)) continue;
    if (!is_among(known, field.key()) || options.has(field.key())) return false;
    options.add(field);
  }
  return true;
}

ShellMethod method(std::string_view name, std::vector<Brackets> arguments, const Document& options) {
  if (!options.empty()) arguments.push_back(mongosh_brackets(options));
  return {name, std::move(arguments)};
}

std::optional<ShellMethod> insert(const Write& write) {
  // The shell gives a document without _id one at its end, the server one at its start.
  const bool are_plain = std::ranges::all_of(
      write.statements, [](const Document& document) { return is_plain_object(document) && document.has("_id"); });
  Document options;
  if (!are_plain || !take_options(write.options, {}, kInsertOptions, options)) return std::nullopt;
  if (write.statements.size() > 1) return method("insertMany", {mongosh_list(write.statements)}, options);
  if (options.has("ordered")) return std::nullopt;
  return method("insertOne", {mongosh_brackets(write.statements.front())}, options);
}

enum class Form { replacement, operators, neither };

// As the shell tells them apart.
Form form_of(const Field& change) {
  const Document items = *change.document();
  if (change.is_array()) return items.empty() ? Form::neither : Form::operators;
  if (!is_plain_object(items)) return Form::neither;
  const auto fields = items.fields();
  const auto is_operator = [](const Field& field) { return field.key().starts_with('$'); };
  if (std::ranges::none_of(fields, is_operator)) return Form::replacement;
  return std::ranges::all_of(fields, is_operator) ? Form::operators : Form::neither;
}

std::optional<ShellMethod> update(const Write& write, const Document& statement) {
  const auto filter = statement.document("q");
  const auto change = statement.find("u");
  if (!filter || !is_plain_object(*filter) || !change || !change->document()) return std::nullopt;
  const Form form = form_of(*change);
  const bool is_multi = statement.boolean("multi").value_or(false);
  if (form == Form::neither || (form == Form::replacement && is_multi)) return std::nullopt;
  const Names fields = form == Form::replacement ? Names(kReplaceFields) : Names(kUpdateFields);
  Document options;
  if (!take_options(statement, kUpdateDone, fields, options) ||
      !take_options(write.options, {}, kCommandOptions, options))
    return std::nullopt;
  const std::string_view name = form == Form::replacement ? "replaceOne" : is_multi ? "updateMany" : "updateOne";
  return method(name, {mongosh_brackets(*filter), mongosh_brackets(*change)}, options);
}

std::optional<ShellMethod> remove(const Write& write, const Document& statement) {
  const auto filter = statement.document("q");
  const auto limit = statement.integer("limit");
  if (!filter || !is_plain_object(*filter) || (limit != 0 && limit != 1)) return std::nullopt;
  Document options;
  if (!take_options(statement, kRemoveDone, kRemoveFields, options) ||
      !take_options(write.options, {}, kCommandOptions, options))
    return std::nullopt;
  return method(limit == 1 ? "deleteOne" : "deleteMany", {mongosh_brackets(*filter)}, options);
}

}  // namespace

std::optional<ShellMethod> shell_method(const Write& write) {
  if (write.statements.empty()) return std::nullopt;
  if (write.verb == Write::Verb::insert) return insert(write);
  if (write.statements.size() > 1) return std::nullopt;
  return write.verb == Write::Verb::update ? update(write, write.statements.front())
                                           : remove(write, write.statements.front());
}

}  // namespace treering
