// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace treering {
namespace {

constexpr std::int32_t kPatienceMs = 2000;

// Source: MongoDB's error_codes.yml; those without a name are asserts of its parsers.
constexpr std::array kBadFilter = {2,       // BadValue: an unknown operator, a bad operand, a hint of no index
                                   9,       // FailedToParse
                                   14,      // TypeMismatch
                                   168,     // InvalidPipelineOperator: of $expr
                                   51091,   // a regular expression that can't be compiled
                                   51108};  // its options
constexpr std::array kNoIndex = {27,        // IndexNotFound: of $text
                                 291};      // NoQueryExecutionPlans: of $near

void add_options(Document& command, const Query& query) {
  if (!query.collation.empty()) command.add("collation", query.collation);
  command.add_all(query.hint);
}

std::string why_not(const ServerError& error) {
  if (error.code() == kExecutionTimeout) return fmt::format("not counted within {} s", kPatienceMs / 1000);
  return fmt::format("not counted: {}", error.what());
}

// count has no variables. An aggregation refuses a few things that a write's filter may have, so what it says of the
// filter is no reason to fail.
Count count_with_variables(Connection& connection, const std::string& database, const std::string& collection,
                           const Query& query) {
  std::vector<Document> pipeline{Document().add("$match", query.filter)};
  if (query.one) pipeline.push_back(Document().add("$limit", 1));
  pipeline.push_back(Document().add("$count", "n"));
  Document command;
  command.add("aggregate", collection).add_array("pipeline", pipeline).add("cursor", Document());
  command.add("maxTimeMS", kPatienceMs).add("let", query.let);
  add_options(command, query);
  try {
    const auto counted = connection.command(database, command).documents("cursor.firstBatch");
    return {counted.empty() ? 0 : counted.front().integer("n").value_or(0), ""};
  } catch (const ServerError& error) {
    return {std::nullopt, why_not(error)};
  }
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

bool refuses_filter(const ServerError& error) {
  return std::ranges::find(kBadFilter, error.code()) != kBadFilter.end() || misses_index(error);
}

bool misses_index(const ServerError& error) { return std::ranges::find(kNoIndex, error.code()) != kNoIndex.end(); }

Count count_documents(Connection& connection, const std::string& database, const std::string& collection,
                      const Query& query) {
  if (!query.let.empty()) return count_with_variables(connection, database, collection, query);
  Document command;
  command.add("count", collection).add("query", query.filter).add("maxTimeMS", kPatienceMs);
  if (query.one) command.add("limit", 1);
  add_options(command, query);
  try {
    return {connection.command(database, command).integer("n"), ""};
  } catch (const ServerError& error) {
    if (refuses_filter(error)) throw;
    return {std::nullopt, why_not(error)};
  }
}

std::optional<std::int64_t> count_all(Connection& connection, const std::string& database,
                                      const std::string& collection) {
  return counted(connection, database, Document().add("count", collection).add("maxTimeMS", kPatienceMs));
}

std::string access_of(Connection& connection, const std::string& database, const std::string& collection,
                      const Query& query) {
  Document find;
  find.add("find", collection).add("filter", query.filter);
  if (!query.let.empty()) find.add("let", query.let);
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
    if (field.key() == "$expr") {
      result.add(field);  // its strings are paths of fields
    } else if (field.is_array() && field.key().starts_with('$') && inner) {
      result.add_array(field.key(), shape_of_items(*inner));  // $and, $or, $in
    } else if (field.is_document() && inner && (field.key() == "$elemMatch" || holds_operators(*inner))) {
      result.add(field.key(), shape_of(*inner));
    } else {
      result.add(field.key(), "?");
    }
  }
  return result;
}

}  // namespace treering
