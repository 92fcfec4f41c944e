// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/command_route.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace treering {
namespace {

bool one_of(std::string_view name, const auto& names) { return std::ranges::find(names, name) != names.end(); }

constexpr std::array<std::string_view, 8> kReads = {"find",        "aggregate",       "distinct",      "count",
                                                    "listIndexes", "listCollections", "listDatabases", "ping"};
constexpr std::array<std::string_view, 4> kTakeReadConcern = {"find", "aggregate", "distinct", "count"};
constexpr std::array<std::string_view, 15> kWrites = {
    "insert",       "update",      "delete",  "findAndModify", "findandmodify",    "createIndexes", "create",  "drop",
    "dropDatabase", "dropIndexes", "collMod", "collmod",       "renameCollection", "createUser",    "dropUser"};

// An aggregation that ends in $out or $merge.
bool writes_its_result(const Document& command) {
  for (const Document& stage : command.documents("pipeline"))
    if (stage.has("$out") || stage.has("$merge")) return true;
  return false;
}

bool is_retryable_write(std::string_view name, const Document& command) {
  // Unacknowledged: nobody would hear of the number.
  if (command.integer("writeConcern.w") == 0 && command.find("writeConcern.w")->type() != BSON_TYPE_UTF8) return false;
  if (name == "insert" || name == "findAndModify" || name == "findandmodify") return true;
  const bool updates = name == "update";
  if (!updates && name != "delete") return false;
  const auto list = command.document(updates ? "updates" : "deletes");
  if (!list) return false;
  for (const Field& field : list->fields()) {
    const Document statement = field.document().value_or(Document());
    if (updates ? statement.boolean("multi").value_or(false) : statement.integer("limit") != 1) return false;
  }
  return true;
}

}  // namespace

CommandRoute route_of(const Document& command) {
  const auto first = command.first();
  // Inside a transaction, or numbered by the caller: the server takes neither concern nor a second txnNumber.
  if (!first || command.has("txnNumber")) return {};
  const std::string_view name = first->key();
  if (name == "aggregate" && writes_its_result(command)) return {Route::raw, true, true, false};
  if (one_of(name, kReads)) return {Route::read, false, one_of(name, kTakeReadConcern), false};
  return {Route::raw, one_of(name, kWrites), false, is_retryable_write(name, command)};
}

}  // namespace treering
