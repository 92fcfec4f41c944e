// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/estimate.h"

#include <fmt/format.h>

#include "treering/base/reply.h"

namespace treering {
namespace {

constexpr std::int32_t kPatienceMs = 2000;

void add_options(Document& command, const Query& query) {
  if (!query.collation.empty()) command.add("collation", query.collation);
  command.add_all(query.hint);
}

std::optional<std::int64_t> counted(Connection& connection, const std::string& database, const Document& command) {
  try {
    return connection.command(database, command).integer("n");
  } catch (const ServerError&) {
    return std::nullopt;
  }
}

// The plan's leaf says how documents are found; other stages stand around it. Source: MongoDB manual, "Explain
// Results".
std::string access_in(const Document& plan) {
  const std::string stage = plan.string("stage").value_or("");
  if (stage == "COLLSCAN") return "collection scan";
  if (stage == "IDHACK" || stage == "EXPRESS_IXSCAN" || stage == "CLUSTERED_IXSCAN") return "index _id";
  if (const auto index = plan.string("indexName")) return "index " + (*index == "_id_" ? "_id" : *index);
  for (const char* below : {"inputStage", "queryPlan", "winningPlan", "thenStage"})
    if (const auto inner = plan.document(below)) return access_in(*inner);
  for (const char* below : {"inputStages", "shards"})
    for (const Document& inner : plan.documents(below))
      if (std::string access = access_in(inner); !access.empty()) return access;
  return "";
}

Document shape_of_items(const Document& array) {
  Document result;
  for (const Field& item : array.fields()) {
    const auto inner = item.document();
    if (!item.is_document() || !inner) return Document().add("0", "?");
    result.add(item.key(), shape_of(*inner));
  }
  return result;
}

bool holds_operators(const Document& document) {
  const auto fields = document.fields();
  return !fields.empty() && fields.front().key().starts_with('$');
}

}  // namespace

std::optional<std::int64_t> count_documents(Connection& connection, const std::string& database,
                                            const std::string& collection, const Query& query) {
  Document command;
  command.add("count", collection).add("query", query.filter).add("maxTimeMS", kPatienceMs);
  if (query.one) command.add("limit", 1);
  add_options(command, query);
  return counted(connection, database, command);
}

std::optional<std::int64_t> count_all(Connection& connection, const std::string& database,
                                      const std::string& collection) {
  return counted(connection, database, Document().add("count", collection).add("maxTimeMS", kPatienceMs));
}

std::string access_of(Connection& connection, const std::string& database, const std::string& collection,
                      const Query& query) {
  Document find;
  find.add("find", collection).add("filter", query.filter);
  add_options(find, query);
  try {
    const Document reply =
        connection.command(database, Document().add("explain", find).add("verbosity", "queryPlanner"));
    return access_in(reply.document("queryPlanner.winningPlan").value_or(Document()));
  } catch (const ServerError&) {
    return "";
  }
}

Document shape_of(const Document& filter) {
  Document result;
  for (const Field& field : filter.fields()) {
    const auto inner = field.document();
    if (field.is_array() && field.key().starts_with('$') && inner) {
      result.add_array(field.key(), shape_of_items(*inner));  // $and, $or, $in
    } else if (field.is_document() && inner && holds_operators(*inner)) {
      result.add(field.key(), shape_of(*inner));
    } else {
      result.add(field.key(), "?");
    }
  }
  return result;
}

}  // namespace treering
