// SPDX-License-Identifier: Apache-2.0
// What was tried: the open attempt's journal where the state document doesn't hold it, and the log of all attempts.
#include "treering/engine/cursor.h"
#include "treering/engine/state_fields.h"
#include "treering/engine/store.h"

namespace treering {
namespace {

Document chunk_document(const ChunkId& id) {
  return Document().add("run", id.run).add("started", Date{id.started_ms}).add("chunk", id.number);
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

}  // namespace treering
