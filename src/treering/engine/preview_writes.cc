// SPDX-License-Identifier: Apache-2.0
// A preview's answers to inserts, updates and deletes, and the questions to the server that stand behind them.
#include <fmt/format.h>

#include "treering/base/reply.h"
#include "treering/engine/preview.h"
#include "treering/engine/preview_query.h"

namespace treering {
namespace {

// Statements of one shape in one write that are looked at one by one; the rest counts as these do on average.
constexpr std::int64_t kLookedAt = 100;

bool is_one(const Write& write, const Document& statement) {
  if (write.verb == Write::Verb::update) return !statement.boolean("multi").value_or(false);
  return statement.integer("limit").value_or(0) == 1;
}

// What the statements of one shape would do.
struct Tally {
  PlannedOperation planned;
  std::int64_t statements = 0;
  std::int64_t looked_at = 0;
  std::int64_t found = 0;     // of those that were looked at
  std::int64_t upserted = 0;  // likewise
  std::int64_t total() const {
    const std::int64_t known = found + upserted;
    return looked_at == statements ? known : known * statements / looked_at;
  }
};

// The tally of that shape; shapes in the order in which they came.
Tally& tally_of(std::vector<std::pair<std::string, Tally>>& tallies, const std::string& shape) {
  for (auto& [known, tally] : tallies)
    if (known == shape) return tally;
  return tallies.emplace_back(shape, Tally()).second;
}

Document write_error(std::int64_t index, const ServerError& error) {
  return Document()
      .add("index", static_cast<std::int32_t>(index))
      .add("code", error.code())
      .add("errmsg", error.reply().string("errmsg").value_or(error.what()));
}

}  // namespace

std::string Preview::access(const std::string& database, const std::string& collection, const Query& query) {
  const Shadow::Entry& there = shadow_.at(database, collection);
  if (there.stored_as.empty()) return "";
  const std::string key = database + '\0' + there.stored_as + '\0' + shape_of(query.filter).json() + query.hint.json();
  const auto known = access_.find(key);
  if (known == access_.end())
    return access_.emplace(key, access_of(connection_, database, there.stored_as, query)).first->second;
  return known->second;
}

Query Preview::with_usable_hint(const std::string& database, const std::string& collection, Query query) {
  const auto hint = query.hint.find("hint");
  if (!hint) return query;
  const Shadow::Entry& there = shadow_.at(database, collection);
  const bool is_natural = hint->is_document() && hint->document()->has("$natural");
  if (is_natural || there.type != "collection") return query;
  const Document* index = there.index(*hint);
  // A server doesn't look at the hint where it has no such collection.
  if (there.exists && index == nullptr)
    throw ServerError(refusal(
        2, "BadValue",
        fmt::format("hint {} does not correspond to an existing index", hint->string().value_or(query.hint.json()))));
  if (index == nullptr || there.stored_as.empty() || there.is_new(*index)) query.hint = {};
  return query;
}

Count Preview::count(const std::string& database, const std::string& collection, const Query& query) {
  const Shadow::Entry& there = shadow_.at(database, collection);
  try {
    if (!there.stored_as.empty()) return count_documents(connection_, database, there.stored_as, query);
    // Nothing to find, but a filter that is none is refused all the same.
    const std::string key = database + '\0' + collection + '\0' + shape_of(query.filter).json();
    if (!access_.contains(key)) count_documents(connection_, database, collection, query);
    access_.emplace(key, "");
    return {0, ""};
  } catch (const ServerError& error) {
    const bool may_be_there = there.stored_as.empty() || !there.new_names.empty();
    if (misses_index(error) && may_be_there) return {std::nullopt, "not counted: its index isn't built yet"};
    throw;
  }
}

void Preview::estimate(PlannedOperation& planned, const std::string& database, const std::string& collection,
                       const Query& query) {
  Count counted = count(database, collection, query);
  planned.documents = counted.documents;
  if (!counted.documents) planned.note = std::move(counted.why);
}

Document Preview::apply_write(const Operation& operation, const Write& write) {
  const std::string& database = operation.database;
  if (write.verb == Write::Verb::insert) {
    PlannedOperation planned = described(operation);
    shadow_.write_into(database, write.collection);
    planned.documents = static_cast<std::int64_t>(write.statements.size());
    add_write(std::move(planned));
    return Document().add("n", static_cast<std::int32_t>(write.statements.size())).add("ok", 1.0);
  }
  const bool updates = write.verb == Write::Verb::update;
  const bool ordered = write.options.boolean("ordered").value_or(true);
  std::vector<std::pair<std::string, Tally>> tallies;
  std::vector<Document> upserted;
  std::vector<Document> refused;
  std::int64_t index = -1;
  for (const Document& statement : write.statements) {
    ++index;
    Query query = query_of(statement, "q", is_one(write, statement));
    query.let = part(write.options, "let");
    const std::string shape = shape_of(query.filter).json();
    Tally& tally = tally_of(tallies, shape);
    if (tally.looked_at == kLookedAt) {
      ++tally.statements;
      continue;
    }
    try {
      query = with_usable_hint(database, write.collection, std::move(query));
      const Count found = count(database, write.collection, query);
      if (tally.statements++ == 0) {
        tally.planned = described(operation);
        tally.planned.documents = 0;
        tally.planned.access = access(database, write.collection, query);
      }
      ++tally.looked_at;
      tally.planned.filter = tally.statements == 1 ? query.filter.json() : shape;
      if (!found.documents) {
        tally.planned.documents.reset();
        tally.planned.note = found.why;
      }
      tally.found += found.documents.value_or(0);
      if (!updates || found.documents != 0 || !statement.boolean("upsert").value_or(false)) continue;
    } catch (const ServerError& error) {
      refused.push_back(write_error(index, error));
      if (ordered) break;
      continue;
    }
    ++tally.upserted;
    const Document id = upserted_id(query.filter, part(statement, "u"));
    upserted.push_back(Document().add("index", static_cast<std::int32_t>(index)).add("_id", *id.find("_id")));
    shadow_.write_into(database, write.collection);
  }
  std::int64_t total = 0;
  for (auto& [shape, tally] : tallies) {
    if (tally.looked_at == 0) continue;  // refused
    total += tally.total();
    tally.planned.operations = tally.statements;
    tally.planned.exact = tally.looked_at == tally.statements;
    if (tally.planned.documents) tally.planned.documents = tally.total();
    if (tally.statements > 1) tally.planned.filter = shape;
    add_write(std::move(tally.planned));
  }
  Document reply;
  reply.add("n", static_cast<std::int32_t>(total));
  if (updates) reply.add("nModified", static_cast<std::int32_t>(total - static_cast<std::int64_t>(upserted.size())));
  if (!upserted.empty()) reply.add_array("upserted", upserted);
  if (!refused.empty()) reply.add_array("writeErrors", refused);
  return reply.add("ok", 1.0);
}

}  // namespace treering
