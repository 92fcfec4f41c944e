// SPDX-License-Identifier: Apache-2.0
// What was tried: the open attempt's journal where the state document doesn't hold it, and the log of all attempts.
#include <set>

#include "treering/engine/cursor.h"
#include "treering/engine/sift.h"
#include "treering/engine/state_fields.h"
#include "treering/engine/store.h"

namespace treering {
namespace {

Document chunks_of(const std::string& run) { return Document().add("_id.run", run); }

// Makes it: an update that finds it there is one that is sent again.
Document chunk_statement(const JournalChunk& chunk) {
  const Document id =
      Document().add("run", chunk.run).add("started", Date{chunk.started_ms}).add("chunk", chunk.number);
  std::vector<Document> documents;
  for (const JournalledOperation& entry : chunk.operations) documents.push_back(document_of(entry));
  return Document()
      .add("q", Document().add("_id", id))
      .add("u", Document().add("$set", Document().add_array("operations", documents)))
      .add("upsert", true);
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

// Those of one millisecond are in the order in which they were written.
Document newest_first() { return Document().add("started", -1).add("_id", -1); }

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

bool Store::write_down(std::int64_t epoch, const Document& fields, const std::optional<JournalChunk>& moved) {
  std::vector<Document> before;
  if (moved) before.push_back(chunk_statement(*moved));
  return update_state(epoch, Document().add("$set", fields), before);
}

std::vector<JournalledOperation> Store::read_chunks(const JournalChunk& last) {
  if (last.number == 0) return {};
  Document command;
  command.add("find", kStateCollection)
      .add("filter", chunks_of(last.run).add("_id.started", Date{last.started_ms}))
      .add("sort", Document().add("_id.chunk", 1));
  std::vector<JournalledOperation> operations;
  std::int64_t number = 0;
  for (const Document& chunk : read_cursor(connection_, database_, command)) {
    if (number == last.number || chunk.integer("_id.chunk") != number + 1) break;
    ++number;
    for (const Document& one : chunk.documents("operations")) operations.push_back(journalled_from(one));
  }
  if (number == last.number) return operations;
  throw Error(Kind::server, std::string(kStateCollection) + ": a part of the open attempt's journal is missing",
              "without it the attempt can't be undone: restore the document, or mend the database by hand and "
              "remove the field `attempt` of the document with _id \"state\"");
}

void Store::delete_chunks(const std::string& run) {
  Document command;
  command.add("delete", kStateCollection)
      .add_array("deletes", std::vector<Document>{Document().add("q", chunks_of(run)).add("limit", 0)});
  write(command);
}

std::int64_t Store::count_chunks() {
  Document command;
  command.add("find", kStateCollection)
      .add("filter", Document().add("_id.run", Document().add("$exists", true)))
      .add("projection", Document().add("_id", 1));
  return static_cast<std::int64_t>(read_cursor(connection_, database_, command).size());
}

void Store::write_log(std::int64_t epoch, const std::vector<LogEntry>& entries) {
  std::vector<Document> statements;
  std::int64_t number = logged_;
  for (const LogEntry& entry : entries) {
    const Document id = Document().add("epoch", epoch).add("n", ++number);
    Document statement;
    statement.add("q", Document().add("_id", id)).add("u", log_document(entry)).add("upsert", true);
    statements.push_back(std::move(statement));
  }
  write(Document().add("update", kJournalCollection).add_array("updates", statements));
  logged_ = number;  // not where that threw: whoever then comes with these entries again means these documents
}

Sifted<LogEntry> Store::sift_log(std::size_t limit) {
  Document command;
  command.add("find", kJournalCollection).add("sort", newest_first());
  if (limit > 0) command.add("limit", static_cast<std::int64_t>(limit));
  return sift(read_cursor(connection_, database_, command), log_entry_from);
}

std::vector<LogEntry> Store::read_log_of(const std::string& run) {
  Document command;
  command.add("find", kJournalCollection).add("filter", Document().add("run", run));
  std::vector<LogEntry> result;
  for (const Document& document : read_cursor(connection_, database_, command))
    result.push_back(log_entry_from(document));
  return result;
}

std::vector<LogEntry> Store::read_log_of_left() {
  Document command;
  command.add("find", kJournalCollection)
      .add("filter", Document().add("left", Document().add("$exists", true)))
      .add("projection", Document().add("revision", 1));
  std::set<std::string> concerned;
  for (const Document& entry : read_cursor(connection_, database_, command))
    concerned.insert(entry.string("revision").value_or(""));
  if (concerned.empty()) return {};
  const std::vector<std::string> ids(concerned.begin(), concerned.end());
  Document attempts;
  attempts.add("find", kJournalCollection)
      .add("filter", Document().add("revision", Document().add_array("$in", ids)))
      .add("sort", newest_first());
  std::vector<LogEntry> result;
  for (LogEntry& entry : sift(read_cursor(connection_, database_, attempts), log_entry_from).sound)
    if (concerned.erase(entry.revision) > 0 && !entry.left.empty()) result.push_back(std::move(entry));
  return result;
}

}  // namespace treering
