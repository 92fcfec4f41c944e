// SPDX-License-Identifier: Apache-2.0
// A preview's answers to the commands that change documents and give some as well: findAndModify, and aggregate into a
// collection.
#include "treering/base/reply.h"
#include "treering/engine/command_effect.h"
#include "treering/engine/planned_document.h"
#include "treering/engine/preview.h"
#include "treering/engine/preview_query.h"
#include "treering/engine/update_rules.h"

namespace treering {
namespace {

// What a findAndModify would find.
Document find_of(const Document& command, const std::string& collection, const Query& query) {
  Document find;
  find.add("find", collection).add("filter", query.filter).add("limit", 1).add("singleBatch", true);
  if (const Document sort = part(command, "sort"); !sort.empty()) find.add("sort", sort);
  if (const Document fields = part(command, "fields"); !fields.empty()) find.add("projection", fields);
  if (!query.collation.empty()) find.add("collation", query.collation);
  if (!query.let.empty()) find.add("let", query.let);
  return find.add_all(query.hint);
}

// No update: it removes.
void note_modified(ChangedDocuments& changed, const Document& filter, const std::optional<Field>& update) {
  if (update) {
    changed.note_updated(filter, *update);
  } else {
    changed.note_removed(filter);
  }
}

// Of a document the fields that another has as well.
Document restricted(const Document& document, const Document& to) {
  Document result;
  for (const Field& field : document.fields())
    if (to.has(field.key())) result.add(field);
  return result;
}

// What the code is given: the document that was found, as the server projected it, or the one that `upserted` begins;
// after the change where it asks for that.
std::optional<Document> value_of(const Document& command, const std::vector<Document>& found,
                                 const std::optional<Document>& upserted = {}) {
  const auto update = command.find("update");
  const bool is_after = update && command.boolean("new").value_or(false);
  const Document fields = part(command, "fields");
  if (upserted)
    return is_after ? std::optional(projected(after_update(*upserted, *update, true), fields)) : std::nullopt;
  if (found.empty()) return std::nullopt;
  if (!is_after) return found.front();
  const Document after = after_update(found.front(), *update, false);
  return fields.empty() ? after : restricted(after, found.front());
}

Document reply_of_find_and_modify(const Document& last, const std::optional<Document>& value) {
  Document reply;
  reply.add("lastErrorObject", last);
  if (value) {
    reply.add("value", *value);
  } else {
    reply.add_null("value");
  }
  return reply.add("ok", 1.0);
}

}  // namespace

// A server that can't explain a command says whether that is because it has no such command.
void Preview::require_known_command(const std::string& database, const Document& command) {
  const auto first = command.first();
  if (!first || !known_commands_.insert(std::string(first->key())).second) return;
  try {
    connection_.command(database, Document().add("explain", Document().add(*first)).add("verbosity", "queryPlanner"));
  } catch (const ServerError& error) {
    if (error.code() != kCommandNotFound) return;
    const std::string name(first->key());
    known_commands_.erase(name);
    throw ServerError(refusal(kCommandNotFound, "CommandNotFound", "no such command: '" + name + "'"));
  }
}

Document Preview::find_and_modify(const Operation& operation, const Document& command) {
  const auto update = command.find("update");
  if (update) require_update(*update);
  PlannedOperation planned = described(operation);
  const std::string collection = planned.collection;
  shadow_.require_no_view(operation.database, collection);
  Query query = query_of(command, "query", true);
  query.let = part(command, "let");
  query = with_usable_hint(operation.database, collection, std::move(query));
  const std::string stored_as = shadow_.at(operation.database, collection).stored_as;
  planned.filter = query.filter.json();
  planned.access = access(operation.database, collection, query);
  std::vector<Document> found;
  if (!stored_as.empty()) {
    const Document find = find_of(command, stored_as, query);
    found = connection_.command(operation.database, find).documents("cursor.firstBatch");
  } else {
    count(operation.database, collection, query);
  }
  const bool upserts = found.empty() && command.boolean("upsert").value_or(false);
  planned.documents = found.empty() && !upserts ? 0 : 1;
  ChangedDocuments& before = changed(operation.database, collection);
  planned.exact = !before.may_concern(query.filter);
  if (!found.empty() || !planned.exact) note_modified(before, query.filter, update);
  add_write(std::move(planned));
  note_read(command);  // the code gets a document, and may write what it finds in it

  Document last;
  last.add("n", found.empty() && !upserts ? 0 : 1);
  if (!command.boolean("remove").value_or(false)) last.add("updatedExisting", !found.empty());
  if (!upserts) return reply_of_find_and_modify(last, value_of(command, found));
  const Document id = upserted_id(query.filter, part(command, "update"));
  last.add("upserted", *id.find("_id"));
  shadow_.write_into(operation.database, collection);
  changed(operation.database, collection).note_inserted(id);
  return reply_of_find_and_modify(last, value_of(command, {}, begun_by_filter(id, query.filter)));
}

// $out or $merge is left away, and what would arrive there counted.
Document Preview::aggregate_into(const Operation& operation, const Document& command) {
  PlannedOperation planned = described(operation);
  const auto into = aggregation_target(command, operation.database);
  if (into) shadow_.require_no_view(into->database, into->collection);
  std::vector<Document> pipeline = command.documents("pipeline");
  if (!pipeline.empty()) pipeline.back() = Document().add("$count", "n");
  const std::string stored_as = shadow_.at(operation.database, planned.collection).stored_as;
  std::int64_t count = 0;
  if (!stored_as.empty() || planned.collection.empty()) {
    Document asked;
    if (stored_as.empty()) {
      asked.add("aggregate", 1);
    } else {
      asked.add("aggregate", stored_as);
    }
    asked.add_array("pipeline", pipeline).add("cursor", Document());
    for (const char* option : {"let", "collation", "hint", "allowDiskUse"})
      if (const auto given = command.find(option)) asked.add(*given);
    const auto counted = connection_.command(operation.database, asked).documents("cursor.firstBatch");
    if (!counted.empty()) count = counted.front().integer("n").value_or(0);
  }
  planned.documents = count;
  planned.exact = changed(operation.database, planned.collection).empty();
  const std::string source = planned.collection;
  add_write(std::move(planned));
  if (into) {
    shadow_.write_into(into->database, into->collection);
    changed(into->database, into->collection).note_anything();
  }
  Document cursor;
  cursor.add("id", std::int64_t{0}).add("ns", operation.database + "." + source);
  cursor.add_array("firstBatch", std::vector<Document>());
  return Document().add("cursor", cursor).add("ok", 1.0);
}

}  // namespace treering
