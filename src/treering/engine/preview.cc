// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/preview.h"

#include <fmt/format.h>

#include <algorithm>

#include "treering/base/reply.h"
#include "treering/engine/preview_query.h"

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

// insert, update or delete that the code sent as a command of its own.
std::optional<Write> write_of(const Document& command) {
  const auto fields = command.fields();
  if (fields.empty()) return std::nullopt;
  struct Form {
    std::string_view command;
    const char* list;
    Write::Verb verb;
  };
  constexpr Form kForms[] = {{"insert", "documents", Write::Verb::insert},
                             {"update", "updates", Write::Verb::update},
                             {"delete", "deletes", Write::Verb::remove}};
  for (const Form& form : kForms) {
    if (fields.front().key() != form.command) continue;
    Write write{form.verb, fields.front().string().value_or(""), command.documents(form.list), {}};
    for (const Field& option : fields)
      if (option.key() != form.command && option.key() != form.list) write.options.add(option);
    return write;
  }
  return std::nullopt;
}

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
  const std::vector<Document> refused = reply.documents("writeErrors");
  if (refused.empty() || !std::holds_alternative<Write>(operation.body)) {
    collected_.operations.push_back(operation);
  } else if (Operation rest = without_refused(operation, refused); !std::get<Write>(rest.body).statements.empty()) {
    collected_.operations.push_back(std::move(rest));
  }
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
      const Count count = count_documents(connection_, operation.database, before.stored_as, offenders);
      const std::int64_t found = count.documents.value_or(0);
      if (found > 0)
        planned.note = fmt::format("{} document{} match the validator", found, found == 1 ? " doesn't" : "s don't");
      if (!count.documents) planned.note = count.why;
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
  estimate(planned, database, collection, query);
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
  if (const auto write = write_of(run.command)) return apply_write(operation, *write);
  require_known_command(operation.database, run.command);
  add_schema(described(operation));
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
