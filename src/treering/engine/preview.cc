// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/preview.h"

#include <fmt/format.h>

#include <algorithm>

#include "treering/base/reply.h"
#include "treering/engine/preview_query.h"

namespace treering {
namespace {

// Statements of one write that are looked at one by one; the rest counts as these do on average.
constexpr std::size_t kLookedAt = 100;

bool is_one(const Write& write, const Document& statement) {
  if (write.verb == Write::Verb::update) return !statement.boolean("multi").value_or(false);
  return statement.integer("limit").value_or(0) == 1;
}

// What one statement after the other would do.
struct Tally {
  std::int64_t found = 0;
  std::int64_t looked_at = 0;
  std::vector<Document> upserted;
  bool known = true;
};

std::string lost_documents(std::int64_t count) {
  return count == 0 ? "" : fmt::format("{} document{} would be lost", count, count == 1 ? "" : "s");
}

}  // namespace

bool Preview::has_collection(const std::string& database, const std::string& collection) {
  return shadow_.at(database, collection).exists;
}

Preview::Collected Preview::take() {
  read_.clear();
  writes_from_ = 0;
  shapes_.clear();
  return std::exchange(collected_, {});
}

Document Preview::read(const std::string& database, const Document& command) {
  note_read(command);
  if (auto listed = shadow_.listing(database, command)) return *std::move(listed);
  return connection_.command(database, command);
}

void Preview::note_read(const Document& command) {
  const auto fields = command.fields();
  if (fields.empty() || fields.front().key() == "getMore" || fields.front().key() == "killCursors") return;
  std::string text(fields.front().key());
  if (const auto collection = fields.front().string()) text += " " + *collection;
  if (std::ranges::find(read_, text) == read_.end()) read_.push_back(std::move(text));
}

void Preview::take_reads() {
  for (std::string& text : read_)
    if (std::ranges::find(collected_.reads, text) == collected_.reads.end())
      collected_.reads.push_back(std::move(text));
  read_.clear();
}

Document Preview::apply(const Operation& operation) {
  take_reads();
  Document reply;
  if (const auto* write = std::get_if<Write>(&operation.body)) {
    reply = apply_write(operation, *write);
  } else if (const auto* run = std::get_if<RunCommand>(&operation.body)) {
    reply = apply_command(operation, *run);
  } else {
    reply = apply_schema(operation);
  }
  collected_.operations.push_back(operation);
  return reply;
}

PlannedOperation Preview::described(const Operation& operation) const {
  PlannedOperation planned;
  planned.text = describe(operation);
  planned.collection = collection_of(operation);
  return planned;
}

void Preview::add_schema(PlannedOperation planned) {
  collected_.planned.push_back(std::move(planned));
  writes_from_ = collected_.planned.size();
  shapes_.clear();
}

// A loop's writes are one line each, not one a document: those of one kind since the schema last changed are together.
void Preview::add_write(PlannedOperation planned) {
  const std::string shape = planned.filter.empty() ? "" : shape_of(Document::from_json(planned.filter)).json();
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    PlannedOperation& known = collected_.planned[writes_from_ + i];
    if (shapes_[i] != shape || known.text != planned.text || known.access != planned.access) continue;
    if (known.filter != planned.filter) known.filter = shape;
    known.operations += planned.operations;
    known.exact = known.exact && planned.exact;
    if (known.documents && planned.documents) {
      *known.documents += *planned.documents;
    } else {
      known.documents.reset();
    }
    return;
  }
  collected_.planned.push_back(std::move(planned));
  shapes_.push_back(shape);
}

std::string Preview::access(const std::string& database, const std::string& collection, const Query& query) {
  const Shadow::Entry& there = shadow_.at(database, collection);
  if (there.stored_as.empty()) return "";
  const std::string key = database + '\0' + there.stored_as + '\0' + shape_of(query.filter).json() + query.hint.json();
  const auto known = access_.find(key);
  if (known == access_.end())
    return access_.emplace(key, access_of(connection_, database, there.stored_as, query)).first->second;
  return known->second;
}

// What a schema operation would cost or destroy, looked up before the shadow changes.
Document Preview::apply_schema(const Operation& operation) {
  PlannedOperation planned = described(operation);
  const Shadow::Entry before = shadow_.at(operation.database, planned.collection);
  const auto all = [&](const Shadow::Entry& of) -> std::optional<std::int64_t> {
    if (!of.exists || of.stored_as.empty() || of.type == "view") return std::nullopt;
    planned.exact = false;
    return count_all(connection_, operation.database, of.stored_as);
  };
  if (std::holds_alternative<DropCollection>(operation.body)) {
    planned.documents = all(before);
    planned.note = lost_documents(planned.documents.value_or(0));
  } else if (const auto* rename = std::get_if<RenameCollection>(&operation.body)) {
    const Shadow::Entry target = shadow_.at(operation.database, rename->to);
    if (rename->drop_target && target.exists)
      if (const auto lost = all(target)) planned.note = fmt::format("of {}, {}", rename->to, lost_documents(*lost));
  } else if (std::holds_alternative<CreateIndexes>(operation.body)) {
    planned.documents = all(before);
  } else if (const auto* modify = std::get_if<ModifyCollection>(&operation.body)) {
    const Document validator = part(modify->changes, "validator");
    if (!validator.empty() && !before.stored_as.empty()) {
      Query offenders;
      offenders.filter.add_array("$nor", std::vector<Document>{validator});
      const auto count = count_documents(connection_, operation.database, before.stored_as, offenders);
      if (count.value_or(0) > 0)
        planned.note = fmt::format("{} document{} match the validator", *count, *count == 1 ? " doesn't" : "s don't");
    }
  }
  Document reply = shadow_.run(operation);
  const bool does_nothing =
      reply.has("numIndexesAfter") && reply.integer("numIndexesBefore") == reply.integer("numIndexesAfter");
  if (does_nothing) planned.note = "there already";
  if (std::holds_alternative<DropCollection>(operation.body) && !before.exists) planned.note = "not there";
  add_schema(std::move(planned));
  return reply;
}

Document Preview::apply_write(const Operation& operation, const Write& write) {
  PlannedOperation planned = described(operation);
  const std::string& database = operation.database;
  if (write.verb == Write::Verb::insert) {
    shadow_.write_into(database, write.collection);
    planned.documents = static_cast<std::int64_t>(write.statements.size());
    planned.operations = 1;
    add_write(std::move(planned));
    return Document().add("n", static_cast<std::int32_t>(write.statements.size())).add("ok", 1.0);
  }
  const std::string stored_as = shadow_.at(database, write.collection).stored_as;
  const bool updates = write.verb == Write::Verb::update;
  Tally tally;
  for (const Document& statement : write.statements) {
    const Query query = query_of(statement, "q", is_one(write, statement));
    if (tally.looked_at == 0) {
      planned.filter = query.filter.json();
      planned.access = access(database, write.collection, query);
    }
    if (tally.looked_at == static_cast<std::int64_t>(kLookedAt)) break;
    std::optional<std::int64_t> found = 0;
    if (!stored_as.empty()) found = count_documents(connection_, database, stored_as, query);
    tally.known = tally.known && found.has_value();
    tally.found += found.value_or(0);
    if (updates && found == 0 && statement.boolean("upsert").value_or(false)) {
      const Document id = upserted_id(query.filter, part(statement, "u"));
      tally.upserted.push_back(
          Document().add("index", static_cast<std::int32_t>(tally.looked_at)).add("_id", *id.find("_id")));
      shadow_.write_into(database, write.collection);
    }
    ++tally.looked_at;
  }
  const auto statements = static_cast<std::int64_t>(write.statements.size());
  const auto upserted = static_cast<std::int64_t>(tally.upserted.size());
  planned.operations = statements;
  planned.exact = tally.looked_at == statements;
  std::int64_t total = tally.found + upserted;
  if (!planned.exact) total = total * statements / tally.looked_at;
  if (tally.known) planned.documents = total;
  if (statements > 1) planned.filter = shape_of(Document::from_json(planned.filter)).json();
  add_write(std::move(planned));

  Document reply;
  reply.add("n", static_cast<std::int32_t>(total));
  if (updates) reply.add("nModified", static_cast<std::int32_t>(total - upserted));
  if (!tally.upserted.empty()) reply.add_array("upserted", tally.upserted);
  return reply.add("ok", 1.0);
}

std::int64_t Preview::backfill(const std::string& database, const std::string& collection, const Document& filter,
                               const Document& change) {
  take_reads();
  PlannedOperation planned;
  planned.text = "backfill " + collection;
  planned.collection = collection;
  Query query;
  query.filter = filter;
  planned.filter = filter.empty() ? "" : filter.json();
  planned.access = filter.empty() ? "" : access(database, collection, query);
  const std::string stored_as = shadow_.at(database, collection).stored_as;
  planned.documents = stored_as.empty() ? 0 : count_documents(connection_, database, stored_as, query);
  const std::int64_t found = planned.documents.value_or(0);
  add_schema(std::move(planned));
  if (change.empty()) {
    collected_.reads.push_back("backfill " + collection + ": a function decides, and what it does is NOT in here");
  } else {
    Document statement;
    statement.add("q", filter).add_all(change).add("multi", true);
    collected_.operations.push_back({database, Write{Write::Verb::update, collection, {statement}, {}}});
  }
  return found;
}

Document Preview::apply_command(const Operation& operation, const RunCommand& run) {
  const auto fields = run.command.fields();
  const std::string name = fields.empty() ? "" : std::string(fields.front().key());
  if (name == "findAndModify" || name == "findandmodify") return find_and_modify(operation, run.command);
  if (name == "aggregate") return aggregate_into(operation, run.command);
  add_schema(described(operation));
  return Document().add("ok", 1.0);
}

}  // namespace treering
