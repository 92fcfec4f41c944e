// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/preview.h"

#include <fmt/format.h>

#include <algorithm>

#include "treering/base/amount.h"
#include "treering/base/error.h"
#include "treering/base/reply.h"
#include "treering/engine/command_effect.h"
#include "treering/engine/cursor.h"
#include "treering/engine/preview_query.h"
#include "treering/engine/update_rules.h"
#include "treering/engine/with_transaction.h"

namespace treering {
namespace {

// What of a write the server would have carried out.
Operation without_refused(const Operation& operation, const std::vector<Document>& errors) {
  Operation rest = operation;
  auto& write = std::get<Write>(rest.body);
  if (write.options.boolean("ordered").value_or(true))
    write.statements.resize(static_cast<std::size_t>(errors.front().integer("index").value_or(0)));
  for (auto error = errors.rbegin(); error != errors.rend(); ++error)
    if (const std::int64_t index = error->integer("index").value_or(0);
        index < static_cast<std::int64_t>(write.statements.size()))
      write.statements.erase(write.statements.begin() + index);
  return rest;
}

Error changed_before(std::int64_t documents, const std::string& collection) {
  return Error(Kind::usage,
               fmt::format("an earlier run changed {} by this backfill of {}, and a script would change them again",
                           counted(documents, "document"), collection),
               "let treering upgrade go on with it")
      .with("collection", collection);
}

// Refused as a worker hears it, of its first update.
void require_backfills_update(const Field& update) {
  try {
    require_update(update);
  } catch (const ServerError& error) {
    throw ServerError(Document().add("ok", 1.0).add_array("writeErrors", std::vector<Document>{error.reply()}));
  }
}

// The database's whole: nothing of it goes into the trash.
std::string lost_collections(Connection& connection, const std::string& database) {
  const Document command = Document().add("listCollections", 1).add("nameOnly", true);
  const auto found = static_cast<std::int64_t>(read_cursor(connection, database, command).size());
  return found == 0 ? "" : fmt::format("{} would be lost", counted(found, "collection"));
}

std::string lost_documents(std::int64_t count) {
  return count == 0 ? "" : fmt::format("{} document{} would be lost", count, count == 1 ? "" : "s");
}

}  // namespace

bool Preview::has_collection(const std::string& database, const std::string& collection) {
  return shadow_.at(database, collection).exists;
}

void Preview::begin_transaction(int session) {
  savepoints_.insert_or_assign(session, Savepoint{shadow_, changed_, collected_, writes_from_, shapes_, {}});
}

// What the code was told in it, it was told. What didn't go through it stays: collected anew.
void Preview::abort_transaction(int session) {
  auto ended = savepoints_.extract(session);
  if (ended.empty()) return;
  Savepoint& before = ended.mapped();
  before.collected.reads = std::move(collected_.reads);
  shadow_ = std::move(before.shadow);
  changed_ = std::move(before.changed);
  collected_ = std::move(before.collected);
  writes_from_ = before.writes_from;
  shapes_ = std::move(before.shapes);
  for (const auto& [operation, drops] : before.outside) apply(operation, drops);
}

Preview::Collected Preview::take() {
  while (!savepoints_.empty()) abort_transaction(savepoints_.begin()->first);
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
  const auto first = command.first();
  if (!first || first->key() == "getMore" || first->key() == "killCursors") return;
  std::string text(first->key());
  if (const auto collection = first->string()) text += " " + *collection;
  note_use(std::move(text));
}

void Preview::note_use(std::string what) {
  if (std::ranges::find(read_, what) == read_.end()) read_.push_back(std::move(what));
}

void Preview::note_access() { collected_.reads.push_back("env.pymongo_db: what is written through it is NOT in here"); }

void Preview::take_reads() {
  for (std::string& text : read_)
    if (std::ranges::find(collected_.reads, text) == collected_.reads.end())
      collected_.reads.push_back(std::move(text));
  read_.clear();
}

Document Preview::carry_out(const Operation& operation, const std::string& trashed) {
  if (const auto* write = std::get_if<Write>(&operation.body)) return apply_write(operation, *write);
  if (const auto* run = std::get_if<RunCommand>(&operation.body)) return apply_command(operation, *run);
  return apply_schema(operation, trashed);
}

Document Preview::apply(const Operation& operation, Drops drops, int session) {
  take_reads();
  const std::string trashed = trashed_by(operation, drops);
  Document reply;
  try {
    reply = carry_out(operation, trashed);
  } catch (const ServerError&) {
    note_use("refusal of " + describe(operation));  // the code may go on otherwise
    throw;
  }
  for (auto& [number, savepoint] : savepoints_)
    if (number != session) savepoint.outside.emplace_back(operation, drops);
  if (!trashed.empty()) collected_.trashed.insert(collected_.operations.size());
  const std::vector<Document> refused = reply.documents("writeErrors");
  if (!refused.empty()) note_use("refusal of " + describe(operation));
  if (refused.empty() || !std::holds_alternative<Write>(operation.body)) {
    collected_.operations.push_back(operation);
  } else if (Operation rest = without_refused(operation, refused); !std::get<Write>(rest.body).statements.empty()) {
    collected_.operations.push_back(std::move(rest));
  }
  return reply;
}

PlannedOperation Preview::described(const Operation& operation) const {
  PlannedOperation planned;
  planned.text = describe_change(operation, database_);
  planned.collection = collection_of(operation);
  if (operation.database != database_) planned.database = operation.database;
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

// The collection that a run would keep in the trash where the operation drops it (as AttemptJournal::instead_of does);
// "" for none.
std::string Preview::trashed_by(const Operation& operation, Drops drops) {
  if (drops == Drops::for_good || drops_ == Drops::for_good) return "";
  std::string dropped;
  if (const auto* drop = std::get_if<DropCollection>(&operation.body)) dropped = drop->collection;
  if (const auto* rename = std::get_if<RenameCollection>(&operation.body))
    if (rename->drop_target && rename->to != rename->collection) dropped = rename->to;
  if (dropped.empty()) return "";
  const Shadow::Entry& there = shadow_.at(operation.database, dropped);
  return there.exists && can_be_kept(there.type, dropped) ? dropped : "";
}

// What a schema operation would cost or destroy, looked up before the shadow changes.
Document Preview::apply_schema(const Operation& operation, const std::string& trashed) {
  PlannedOperation planned = described(operation);
  planned.trash = !trashed.empty() && purpose_ == Purpose::dry_run;
  const Shadow::Entry before = shadow_.at(operation.database, planned.collection);
  const auto all = [&](const Shadow::Entry& of) -> std::optional<std::int64_t> {
    if (!of.exists || of.stored_as.empty() || of.type == "view") return std::nullopt;
    planned.exact = false;
    return count_all(connection_, operation.database, of.stored_as);
  };
  if (std::holds_alternative<DropCollection>(operation.body)) {
    planned.documents = all(before);
    planned.note = planned.trash ? "goes into the trash" : lost_documents(planned.documents.value_or(0));
  } else if (const auto* rename = std::get_if<RenameCollection>(&operation.body)) {
    const Shadow::Entry target = shadow_.at(operation.database, rename->to);
    if (rename->drop_target && target.exists)
      if (const auto lost = all(target); lost && !planned.trash)
        planned.note = fmt::format("of {}, {}", rename->to, lost_documents(*lost));
    if (planned.trash) planned.note = rename->to + " goes into the trash";
  } else if (std::holds_alternative<CreateIndexes>(operation.body)) {
    planned.documents = all(before);
  } else if (const auto* modify = std::get_if<ModifyCollection>(&operation.body)) {
    const Document validator = part(modify->changes, "validator");
    if (!validator.empty() && !before.stored_as.empty()) {
      Query offenders;
      offenders.filter.add_array("$nor", std::vector<Document>{validator});
      const Count count = count_documents(connection_, operation.database, before.stored_as, offenders);
      const std::int64_t found = count.documents.value_or(0);
      if (found > 0)
        planned.note = fmt::format("{} document{} match the validator", found, found == 1 ? " doesn't" : "s don't");
      if (!count.documents) planned.note = count.why;
    }
  }
  Document reply = shadow_.run(operation);
  follow_collections(operation);
  const bool does_nothing =
      reply.has("numIndexesAfter") && reply.integer("numIndexesBefore") == reply.integer("numIndexesAfter");
  if (does_nothing) planned.note = "there already";
  if (std::holds_alternative<DropCollection>(operation.body) && !before.exists) planned.note = "not there";
  add_schema(std::move(planned));
  return reply;
}

std::int64_t Preview::backfill(const std::string& database, const std::string& collection, const Document& filter,
                               const Document& change, const std::optional<BegunBackfill>& begun) {
  if (begun && purpose_ == Purpose::script) throw changed_before(begun->report.changed, collection);
  const Shadow::Entry& there = shadow_.at(database, collection);
  require_can_be_backfilled(collection, there.type, there.options, has_transactions(connection_));
  take_reads();
  const auto update = change.find("u");
  PlannedOperation planned;
  planned.text = "backfill " + collection;
  planned.collection = collection;
  Query query;
  query.filter = filter;
  planned.filter = filter.empty() ? "" : filter.json();
  planned.access = filter.empty() ? "" : access(database, collection, query);
  estimate(planned, database, collection, query);
  if (update && planned.documents != 0) require_backfills_update(*update);
  if (begun) {
    planned.documents.reset();
    if (begun->total) planned.documents = std::max<std::int64_t>(0, *begun->total - begun->report.found);
    planned.exact = false;
    planned.note = fmt::format("goes on after {} that an earlier run did", counted(begun->report.found, "document"));
  }
  const std::int64_t found = planned.documents.value_or(0) + (begun ? begun->report.found : 0);
  if (update) {
    changed(database, collection).note_updated(filter, *update);
  } else {
    changed(database, collection).note_anything();
  }
  add_schema(std::move(planned));
  if (!update) {
    collected_.reads.push_back("backfill " + collection + ": a function decides, and what it does is NOT in here");
  } else {
    Document statement;
    statement.add("q", filter).add_all(change).add("multi", true);
    collected_.operations.push_back({database, Write{Write::Verb::update, collection, {statement}, {}}});
  }
  return found;
}

Document Preview::apply_command(const Operation& operation, const RunCommand& run) {
  const auto first = run.command.first();
  const std::string name = first ? std::string(first->key()) : "";
  if (name == "findAndModify" || name == "findandmodify") return find_and_modify(operation, run.command);
  if (name == "aggregate") return aggregate_into(operation, run.command);
  if (const auto write = write_of(run.command)) return apply_write(operation, *write);
  require_known_command(operation.database, run.command);
  PlannedOperation planned = described(operation);
  if (name == "dropDatabase") planned.note = lost_collections(connection_, operation.database);
  add_schema(std::move(planned));
  Document reply;
  if (name == "createSearchIndexes") {
    std::vector<Document> created;
    for (const Document& index : run.command.documents("indexes"))
      created.push_back(Document()
                            .add("id", fmt::format("planned{}", created.size()))
                            .add("name", index.string("name").value_or("default")));
    reply.add_array("indexesCreated", created);
  }
  return reply.add("ok", 1.0);
}

}  // namespace treering
