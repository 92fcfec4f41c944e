// SPDX-License-Identifier: Apache-2.0
// A preview's answers to inserts, updates and deletes, and the questions to the server that stand behind them.
#include <fmt/format.h>

#include "treering/base/reply.h"
#include "treering/engine/preview.h"
#include "treering/engine/preview_query.h"
#include "treering/engine/update_rules.h"

namespace treering {
namespace {

// Statements of one shape in one write that are looked at one by one; the rest counts as these do on average.
constexpr std::int64_t kLookedAt = 100;

bool is_one(const Write& write, const Document& statement) {
  if (write.verb == Write::Verb::update) return !statement.boolean("multi").value_or(false);
  return statement.integer("limit").value_or(0) == 1;
}

void note_change(ChangedDocuments& changed, const Write& write, const Document& statement) {
  const Document filter = part(statement, "q");
  if (write.verb == Write::Verb::remove) return changed.note_removed(filter);
  if (const auto update = statement.find("u")) changed.note_updated(filter, *update);
}

bool upserts(const Write& write, const Document& statement) {
  return write.verb == Write::Verb::update && statement.boolean("upsert").value_or(false);
}

Document write_error(std::int64_t index, const ServerError& error) {
  return Document()
      .add("index", static_cast<std::int32_t>(index))
      .add("code", error.code())
      .add("errmsg", error.reply().string("errmsg").value_or(error.what()));
}

Document all_refused(const Write& write, const ServerError& error) {
  const bool ordered = write.options.boolean("ordered").value_or(true);
  const std::size_t count = ordered ? 1 : write.statements.size();
  std::vector<Document> errors;
  for (std::size_t i = 0; i < count; ++i) errors.push_back(write_error(static_cast<std::int64_t>(i), error));
  return Document().add("n", 0).add_array("writeErrors", errors).add("ok", 1.0);
}

}  // namespace

// What the statements of one shape would do.
struct Preview::Tally {
  PlannedOperation planned;
  std::int64_t statements = 0;
  std::int64_t looked_at = 0;
  std::int64_t found = 0;     // of those that were looked at
  std::int64_t upserted = 0;  // likewise
  bool is_certain = true;     // nothing planned before may have changed what they find
  std::int64_t total() const {
    const std::int64_t known = found + upserted;
    return looked_at == statements ? known : known * statements / looked_at;
  }
};

// What all statements of a write would do.
struct Preview::WriteTally {
  std::vector<std::pair<std::string, Tally>> by_shape;  // in the order in which they came
  std::vector<Document> upserted;                       // as the server's reply has them
  std::vector<Document> refused;                        // likewise: writeErrors
  Tally& of(const std::string& shape) {
    for (auto& [known, tally] : by_shape)
      if (known == shape) return tally;
    return by_shape.emplace_back(shape, Tally()).second;
  }
};

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
  planned.exact = !changed(database, collection).may_concern(query.filter);
}

ChangedDocuments& Preview::changed(const std::string& database, const std::string& collection) {
  return changed_[{database, collection}];
}

// The documents of a collection go where it goes.
void Preview::follow_collections(const Operation& operation) {
  if (const auto* drop = std::get_if<DropCollection>(&operation.body))
    changed_.erase({operation.database, drop->collection});
  if (const auto* rename = std::get_if<RenameCollection>(&operation.body))
    changed(operation.database, rename->to) = std::exchange(changed(operation.database, rename->collection), {});
}

Document Preview::apply_insert(const Operation& operation, const Write& write) {
  PlannedOperation planned = described(operation);
  try {
    shadow_.write_into(operation.database, write.collection);
  } catch (const ServerError& error) {
    return all_refused(write, error);
  }
  for (const Document& document : write.statements)
    changed(operation.database, write.collection).note_inserted(document);
  planned.documents = static_cast<std::int64_t>(write.statements.size());
  add_write(std::move(planned));
  return Document().add("n", static_cast<std::int32_t>(write.statements.size())).add("ok", 1.0);
}

Document Preview::apply_write(const Operation& operation, const Write& write) {
  if (write.verb == Write::Verb::insert) return apply_insert(operation, write);
  const bool ordered = write.options.boolean("ordered").value_or(true);
  WriteTally seen;
  for (std::size_t index = 0; index < write.statements.size(); ++index) {
    try {
      look_at(operation, write, index, seen);
    } catch (const ServerError& error) {
      seen.refused.push_back(write_error(static_cast<std::int64_t>(index), error));
      if (ordered) break;
    }
  }
  Document reply;
  const std::int64_t total = add_tallies(seen);
  reply.add("n", static_cast<std::int32_t>(total));
  if (write.verb == Write::Verb::update)
    reply.add("nModified", static_cast<std::int32_t>(total - static_cast<std::int64_t>(seen.upserted.size())));
  if (!seen.upserted.empty()) reply.add_array("upserted", seen.upserted);
  if (!seen.refused.empty()) reply.add_array("writeErrors", seen.refused);
  return reply.add("ok", 1.0);
}

// Throws ServerError where the server would refuse the statement.
void Preview::look_at(const Operation& operation, const Write& write, std::size_t index, WriteTally& seen) {
  const Document& statement = write.statements[index];
  shadow_.require_no_view(operation.database, write.collection);
  Query query = query_of(statement, "q", is_one(write, statement));
  query.let = part(write.options, "let");
  if (const auto update = statement.find("u")) require_update(*update);
  const std::string shape = shape_of(query.filter).json();
  Tally& tally = seen.of(shape);
  ChangedDocuments& before = changed(operation.database, write.collection);
  if (tally.looked_at == kLookedAt) {
    ++tally.statements;
    return note_change(before, write, statement);
  }
  query = with_usable_hint(operation.database, write.collection, std::move(query));
  const Count found = count(operation.database, write.collection, query);
  if (tally.statements++ == 0) {
    tally.planned = described(operation);
    tally.planned.documents = 0;
    tally.planned.access = access(operation.database, write.collection, query);
  }
  ++tally.looked_at;
  tally.planned.filter = tally.statements == 1 ? query.filter.json() : shape;
  if (!found.documents) {
    tally.planned.documents.reset();
    tally.planned.note = found.why;
  }
  tally.found += found.documents.value_or(0);
  const bool is_certain = !before.may_concern(query.filter);
  tally.is_certain = tally.is_certain && is_certain;
  if (found.documents != 0 || !is_certain) note_change(before, write, statement);
  if (found.documents == 0 && upserts(write, statement)) {
    ++tally.upserted;
    note_upsert(operation.database, write.collection, index, upserted_id(query.filter, part(statement, "u")), seen);
  }
}

void Preview::note_upsert(const std::string& database, const std::string& collection, std::size_t index,
                          const Document& id, WriteTally& seen) {
  seen.upserted.push_back(Document().add("index", static_cast<std::int32_t>(index)).add("_id", *id.find("_id")));
  shadow_.write_into(database, collection);
  changed(database, collection).note_inserted(id);
}

// A line for each shape. Gives how many documents they are together.
std::int64_t Preview::add_tallies(WriteTally& seen) {
  std::int64_t total = 0;
  for (auto& [shape, tally] : seen.by_shape) {
    if (tally.looked_at == 0) continue;  // refused
    total += tally.total();
    tally.planned.operations = tally.statements;
    tally.planned.exact = tally.is_certain && tally.looked_at == tally.statements;
    if (tally.planned.documents) tally.planned.documents = tally.total();
    if (tally.statements > 1) tally.planned.filter = shape;
    add_write(std::move(tally.planned));
  }
  return total;
}

}  // namespace treering
