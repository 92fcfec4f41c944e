// SPDX-License-Identifier: Apache-2.0
// What is recorded as applied, by Treering and by the system before it.
#include "treering/base/reply.h"
#include "treering/engine/cursor.h"
#include "treering/engine/sift.h"
#include "treering/engine/state_fields.h"
#include "treering/engine/store.h"
#include "treering/schema/operation.h"

namespace treering {
namespace {

// A transaction is durable as a whole: its commands say nothing of it.
Document durable_options(const Connection& connection) {
  return connection.in_transaction() ? Document() : Document().add("writeConcern", durable());
}

}  // namespace

void Store::write_record(const RevisionRecord& record, const Holder& me) { write_records({record}, me); }

void Store::write_records(const std::vector<RevisionRecord>& records, const Holder& me) {
  Write upserts{Write::Verb::update, kRevisionsCollection, {}, durable_options(connection_)};
  // Replaced, not inserted: a record may be left over from a runner that was killed after it had written it.
  for (const RevisionRecord& record : records) {
    Document statement;
    statement.add("q", Document().add("_id", record.revision.id))
        .add("u", record_document(record, me))
        .add("upsert", true);
    upserts.statements.push_back(std::move(statement));
  }
  for (const Document& command : commands_of({database_, std::move(upserts)}))
    require_written(connection_.command(database_, command));
}

void Store::delete_records(const std::vector<std::string>& ids) {
  if (ids.empty()) return;
  Write deletes{Write::Verb::remove, kRevisionsCollection, {}, durable_options(connection_)};
  for (const std::string& id : ids)
    deletes.statements.push_back(Document().add("q", Document().add("_id", id)).add("limit", 1));
  for (const Document& command : commands_of({database_, std::move(deletes)}))
    require_written(connection_.command(database_, command));
}

std::vector<RevisionRecord> Store::read_records() {
  Sifted<RevisionRecord> found = sift_records();
  if (!found.damaged.empty()) throw found.damaged.front();
  return std::move(found.sound);
}

Sifted<RevisionRecord> Store::sift_records() {
  Document command;
  command.add("find", kRevisionsCollection).add("projection", Document().add("source", 0));
  return sift(read_cursor(connection_, database_, command), record_from);
}

std::optional<RevisionRecord> Store::read_record(const std::string& id) {
  Document command;
  command.add("find", kRevisionsCollection)
      .add("filter", Document().add("_id", id))
      .add("limit", 1)
      .add("singleBatch", true);
  auto found = connection_.command(database_, command).documents("cursor.firstBatch");
  if (found.empty()) return std::nullopt;
  return record_from(found.front());
}

std::vector<Store::ForeignVersion> Store::read_foreign_versions() {
  Document command;
  command.add("find", kForeignCollection).add("sort", Document().add("applied_at", 1).add("_id", 1));
  std::vector<ForeignVersion> result;
  for (const Document& document : read_cursor(connection_, database_, command)) {
    require_foreign_fields(document);
    auto id = document.string("version_num");
    if (id && !id->empty()) result.push_back({*id, document.date("applied_at").value_or(Date{}).ms});
  }
  return result;
}

}  // namespace treering
