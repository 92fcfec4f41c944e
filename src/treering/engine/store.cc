// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/store.h"

#include "treering/base/planted_flaw.h"
#include "treering/base/reply.h"
#include "treering/engine/cursor.h"
#include "treering/engine/server_time.h"
#include "treering/engine/state_fields.h"
#include "treering/schema/operation.h"

namespace treering {
namespace {

// A transaction is durable as a whole: its commands say nothing of it.
Document durable_options(const Connection& connection) {
  return connection.in_transaction() ? Document() : Document().add("writeConcern", durable());
}

bool is_planted_in(const Document& update) {
  return planted(Flaw::release_without_epoch) && update.has("$set.heads") && !update.has("$set.attempt");
}

Document state_id() { return Document().add("_id", "state"); }

Document free_lease_fields() { return Document().add("expires", Date{0}); }

Document new_state_document() {
  return state_id().add("format", kStateFormat).add("epoch", std::int64_t{0}).add("lease", free_lease_fields());
}

// As the value of an operator, so that it takes the place of the old lease instead of being merged into it.
Document merged(const Document& fields) { return Document().add_array("$mergeObjects", std::vector<Document>{fields}); }

// `fence` with the sessions of the lease as it is added: theirs whose writes may still come.
Document fence_with_holder() {
  const auto or_none = [](const char* field) {
    Document terms;
    terms.add("0", field).add_array("1", Document());
    return Document().add_array("$ifNull", terms);
  };
  return Document().add_array("$concatArrays", std::vector<Document>{or_none("$fence"), or_none("$lease.sessions")});
}

Document lease_of(const Holder& me, std::chrono::milliseconds lease, const std::vector<Document>& sessions) {
  Document fields;
  fields.add("host", literal(me.host))
      .add("pid", me.pid)
      .add("user", literal(me.user))
      .add("run", literal(me.run))
      .add("since", "$$NOW")
      .add("renewed", "$$NOW")
      .add("expires", server_time_plus(lease))
      .add("doing", "")
      .add("sessions", Document().add_array("$literal", sessions));
  return merged(fields);
}

// The lease is free; who had it is to be fenced, since what it sent last may still come.
Document freed_lease() {
  Document literal_lease;
  literal_lease.add("$literal", free_lease_fields());
  return Document().add("fence", fence_with_holder()).add("lease", merged(literal_lease));
}

Document pushed_sessions(const std::vector<Document>& sessions) {
  return Document().add("lease.sessions", Document().add_array("$each", sessions));
}

Document chunk_document(const ChunkId& id) {
  return Document().add("run", id.run).add("started", Date{id.started_ms}).add("chunk", id.number);
}

// "upgrade" -> "upgrading", "stamp" -> "stamping"
std::string in_progress(std::string_view direction) {
  if (direction.ends_with('e')) direction.remove_suffix(1);
  return std::string(direction) + "ing";
}

// Takes the lease and the next epoch in one step, where it is free.
Document lease_command(const Holder& me, std::chrono::milliseconds lease, const std::vector<Document>& sessions) {
  Document terms;
  terms.add("0", "$epoch").add("1", std::int64_t{1});
  Document next_epoch;
  next_epoch.add_array("$add", terms);
  Document set;
  set.add("fence", fence_with_holder()).add("lease", lease_of(me, lease, sessions)).add("epoch", next_epoch);
  Document stage;
  stage.add("$set", set);
  Document command;
  return command.add("findAndModify", kStateCollection)
      .add("query", state_id().add("$expr", is_past("lease.expires")))
      .add_array("update", std::vector<Document>{stage})
      .add("new", true)
      .add("writeConcern", durable());
}

LogEntry log_entry_from(const Document& document) {
  require_journal_fields(document);
  LogEntry entry;
  entry.revision = document.string("revision").value_or("");
  entry.direction = document.string("direction").value_or("");
  entry.outcome = document.string("outcome").value_or("");
  entry.started_ms = document.date("started").value_or(Date{}).ms;
  entry.duration_us = document.integer("duration_us").value_or(0);
  entry.error = document.string("error").value_or("");
  Holder holder = holder_from(document);
  entry.host = holder.host;
  entry.pid = holder.pid;
  entry.user = holder.user;
  entry.run = holder.run;
  entry.undone = document.strings("undone");
  entry.left = document.strings("left");
  return entry;
}

std::vector<LogEntry> log_entries(const std::vector<Document>& documents) {
  std::vector<LogEntry> result;
  for (const Document& document : documents) result.push_back(log_entry_from(document));
  return result;
}

Document log_document(const LogEntry& entry) {
  Document document;
  document.add("revision", entry.revision)
      .add("direction", entry.direction)
      .add("outcome", entry.outcome)
      .add("started", Date{entry.started_ms})
      .add("duration_us", entry.duration_us)
      .add_all(holder_fields({entry.host, entry.pid, entry.user, entry.run}));
  if (!entry.error.empty()) document.add("error", entry.error);
  if (!entry.undone.empty()) document.add_array("undone", entry.undone);
  if (!entry.left.empty()) document.add_array("left", entry.left);
  return document;
}

}  // namespace

Document durable() { return Document().add("w", "majority").add("j", true); }

void Store::write(const Document& command) {
  Document whole = command;
  whole.add("writeConcern", durable());
  require_written(connection_.command(database_, whole));
}

Document Store::read_state_document() {
  // `now` beside the document: how long ago the lease was renewed is told by the server's clock, not by ours.
  Document projection;
  projection.add("now", "$$NOW");
  for (const char* field : {"format", "epoch", "lease", "heads", "count", "digest", "attempt", "fence"})
    projection.add(field, 1);
  // Not by find: not every server computes fields in its projections.
  Document match;
  match.add("$match", state_id());
  Document project;
  project.add("$project", projection);
  Document command;
  command.add("aggregate", kStateCollection)
      .add_array("pipeline", std::vector<Document>{match, project})
      .add("cursor", Document());
  auto found = connection_.command(database_, command).documents("cursor.firstBatch");
  return found.empty() ? Document() : found.front();
}

std::optional<State> Store::read_state() {
  Document found = read_state_document();
  if (found.empty()) return std::nullopt;
  return state_from(found);
}

std::variant<State, LeaseView> Store::take_lease(const Holder& me, std::chrono::milliseconds lease,
                                                 const std::vector<Document>& sessions) {
  const Document command = lease_command(me, lease, sessions);
  // The document may be missing once, and the lease may be given back between asking and looking, now and then again.
  constexpr int kAttempts = 10;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Document reply = connection_.command(database_, command);
    require_written(reply);
    if (auto value = reply.document("value")) return state_from(*value);
    Document found = read_state_document();
    if (found.empty()) {
      create_state();
      continue;
    }
    state_from(found);  // refuses what isn't ours to wait for
    if (LeaseView view = lease_from(found); !view.holder.run.empty()) return view;
  }
  return lease_from(read_state_document());
}

void Store::create_state() {
  Document insert;
  insert.add("insert", kStateCollection).add_array("documents", std::vector<Document>{new_state_document()});
  try {
    write(insert);
  } catch (const ServerError& error) {
    if (error.code() != kDuplicateKey) throw;  // another runner created it just now
  }
}

bool Store::update_state(std::int64_t epoch, const Document& update) {
  Document statement;
  statement.add("q", is_planted_in(update) ? state_id() : state_id().add("epoch", epoch));
  // An update with a pipeline is an array, one with operators a document.
  if (update.has("0")) {
    statement.add_array("u", update);
  } else {
    statement.add("u", update);
  }
  Document command;
  command.add("update", kStateCollection)
      .add_array("updates", std::vector<Document>{statement})
      .add("writeConcern", durable());
  Document reply = connection_.command(database_, command);
  require_written(reply);
  return reply.integer("n").value_or(0) == 1;
}

bool Store::renew_lease(std::int64_t epoch, std::chrono::milliseconds lease) {
  Document set;
  set.add("lease.renewed", "$$NOW").add("lease.expires", server_time_plus(lease));
  Document stage;
  stage.add("$set", set);
  return update_state(epoch, Document::array(std::vector<Document>{stage}));
}

bool Store::add_sessions(std::int64_t epoch, const std::vector<Document>& sessions) {
  return update_state(epoch, Document().add("$push", pushed_sessions(sessions)));
}

bool Store::fence(std::int64_t epoch, const Document& session) {
  Document statement;
  statement.add("q", state_id().add("epoch", epoch)).add("u", Document().add("$inc", Document().add("fences", 1)));
  Document command;
  command.add("update", kStateCollection)
      .add_array("updates", std::vector<Document>{statement})
      .add("writeConcern", durable());
  const Document reply = connection_.fence(session, database_, command);
  require_written(reply);
  return reply.integer("n").value_or(0) == 1;
}

bool Store::forget_fence(std::int64_t epoch) {
  return update_state(epoch, Document().add("$unset", Document().add("fence", "")));
}

bool Store::write_down(std::int64_t epoch, const Document& fields) {
  return update_state(epoch, Document().add("$set", fields));
}

bool Store::advance(std::int64_t epoch, const AppliedState& applied, const std::optional<Attempt>& next,
                    const Holder& me, const std::vector<Document>& sessions) {
  Document set = applied_fields(applied);
  Document update;
  if (!sessions.empty()) update.add("$push", pushed_sessions(sessions));
  if (next) {
    set.add("lease.doing", in_progress(next->direction) + " " + next->revision);
    set.add("attempt", attempt_document(*next, me));
    update.add("$set", set);
  } else {
    set.add("lease.doing", "");
    update.add("$set", set).add("$unset", Document().add("attempt", ""));
  }
  return update_state(epoch, update);
}

bool Store::free_lease(std::int64_t epoch) {
  return update_state(epoch, Document::array(std::vector<Document>{Document().add("$set", freed_lease())}));
}

bool Store::break_lease(std::int64_t epoch) {
  Document set = freed_lease();
  set.add("epoch", epoch + 1);
  return update_state(epoch, Document::array(std::vector<Document>{Document().add("$set", set)}));
}

void Store::write_chunk(const ChunkId& id, const std::vector<JournalledOperation>& operations) {
  std::vector<Document> documents;
  for (const JournalledOperation& entry : operations) documents.push_back(document_of(entry));
  Document statement;
  statement.add("q", Document().add("_id", chunk_document(id)))
      .add("u", Document().add("$set", Document().add_array("operations", documents)))
      .add("upsert", true);
  Document command;
  command.add("update", kChunksCollection).add_array("updates", std::vector<Document>{statement});
  write(command);
}

std::vector<JournalledOperation> Store::read_chunks(const ChunkId& last) {
  std::vector<JournalledOperation> operations;
  for (ChunkId id{last.run, last.started_ms, 1}; id.number <= last.number; ++id.number) {
    Document command;
    command.add("find", kChunksCollection)
        .add("filter", Document().add("_id", chunk_document(id)))
        .add("limit", 1)
        .add("singleBatch", true);
    const auto found = connection_.command(database_, command).documents("cursor.firstBatch");
    if (found.empty())
      throw Error(Kind::server, std::string(kChunksCollection) + ": a part of the open attempt's journal is missing",
                  "without it the attempt can't be undone: restore the document, or mend the database by hand and "
                  "remove the field `attempt` of the document with _id \"state\" in " +
                      std::string(kStateCollection));
    for (const Document& one : found.front().documents("operations")) operations.push_back(journalled_from(one));
  }
  return operations;
}

void Store::delete_chunks(const std::string& run) {
  Document command;
  command.add("delete", kChunksCollection)
      .add_array("deletes", std::vector<Document>{Document().add("q", Document().add("_id.run", run)).add("limit", 0)});
  write(command);
}

bool Store::release(std::int64_t epoch, const AppliedState& applied) {
  Document set = applied_fields(applied);
  set.add("lease", free_lease_fields());
  Document update;
  update.add("$set", set).add("$unset", Document().add("attempt", ""));
  return update_state(epoch, update);
}

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
  Document command;
  command.add("find", kRevisionsCollection).add("projection", Document().add("source", 0));
  std::vector<RevisionRecord> result;
  for (const Document& document : read_cursor(connection_, database_, command)) result.push_back(record_from(document));
  return result;
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

void Store::write_log(const std::vector<LogEntry>& entries) {
  std::vector<Document> documents;
  for (const LogEntry& entry : entries) documents.push_back(log_document(entry));
  Document command;
  command.add("insert", kJournalCollection).add_array("documents", documents);
  write(command);
}

std::vector<LogEntry> Store::read_log(std::size_t limit) {
  Document command;
  // The server gives each entry an ObjectId of its own; those of one millisecond keep the order in which they came.
  command.add("find", kJournalCollection).add("sort", Document().add("started", -1).add("_id", -1));
  if (limit > 0) command.add("limit", static_cast<std::int64_t>(limit));
  return log_entries(read_cursor(connection_, database_, command));
}

std::vector<LogEntry> Store::read_log_of(const std::string& run) {
  Document command;
  command.add("find", kJournalCollection).add("filter", Document().add("run", run));
  return log_entries(read_cursor(connection_, database_, command));
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
