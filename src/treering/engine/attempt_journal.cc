// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/attempt_journal.h"

#include <algorithm>

#include "treering/base/planted_flaw.h"
#include "treering/base/reply.h"
#include "treering/engine/command_effect.h"

namespace treering {
namespace {

// The state document holds the newest entries alone: everybody reads it, and each write of it costs its size.
constexpr std::size_t kChunkEntries = 25;
constexpr std::size_t kChunkShare = 16;  // of the largest document: a MiB of MongoDB's 16

bool makes_by_writing(const Write& write) {
  if (write.verb == Write::Verb::insert) return true;
  return write.verb == Write::Verb::update && std::ranges::any_of(write.statements, [](const Document& statement) {
           return statement.boolean("upsert").value_or(false);
         });
}

// The collection that a command makes where there is none.
std::optional<Namespace> made_by(const RunCommand& run, const std::string& database) {
  const auto first = run.command.first();
  if (!first) return std::nullopt;
  const std::string_view name = first->key();
  if ((name == "findAndModify" || name == "findandmodify") && run.command.boolean("upsert").value_or(false))
    return Namespace{database, first->string().value_or("")};
  if (const auto write = write_of(run.command))
    return makes_by_writing(*write) ? std::optional(Namespace{database, write->collection}) : std::nullopt;
  return aggregation_target(run.command, database);
}

std::string key_of(const JournalledOperation& entry) { return "attempt.operations." + std::to_string(entry.number); }

}  // namespace

AttemptJournal::AttemptJournal(Lease& lease, Connection& connection, Clock& clock, Attempted attempted)
    : lease_(lease), connection_(connection), clock_(clock), attempted_(std::move(attempted)), known_(connection) {}

Operation AttemptJournal::trashing(const std::string& database, const std::string& collection) {
  Trashed what;
  what.collection = collection;
  what.dropped_ms = clock_.now_ms();
  what.revision = attempted_.revision;
  what.direction = attempted_.direction;
  const auto number = static_cast<std::int64_t>(entries_.size()) + 1;
  return {database, RenameCollection{collection, trash_name(database, what, number), false}};
}

// In a downgrade, what brings back the collection that this revision's upgrade dropped.
std::optional<Operation> AttemptJournal::restoring(const Operation& operation) {
  if (attempted_.direction != Direction::downgrade) return std::nullopt;
  const bool creates =
      std::holds_alternative<CreateCollection>(operation.body) || std::holds_alternative<CreateIndexes>(operation.body);
  const std::string name = collection_of(operation);
  if (!creates || known_.exists(operation.database, name)) return std::nullopt;
  for (const Trashed& trashed : list_trash(connection_, operation.database))
    if (is_of(trashed, name) && is_dropped_by_upgrade(trashed, attempted_.revision))
      return Operation{operation.database, RenameCollection{trashed.name, name, false}};
  const auto* create = std::get_if<CreateCollection>(&operation.body);
  const bool is_view = create != nullptr && create->options.has("viewOn");
  if (attempted_.drops == Drops::kept && !is_view) made_empty_.push_back({operation.database, name});
  return std::nullopt;
}

// But for those that were renamed or dropped since, as the scratch collections of a rebuild are.
std::vector<std::string> AttemptJournal::made_empty() {
  std::vector<std::string> names;
  for (const auto& [database, collection] : made_empty_)
    if (known_.exists(database, collection)) names.push_back(collection);
  return names;
}

std::vector<Operation> AttemptJournal::instead_of(const Operation& operation, Drops drops) {
  const bool keeps = drops == Drops::kept && attempted_.drops == Drops::kept;
  const auto is_kept = [&](const std::string& name) {
    const KnownSchema::Entry& there = known_.collection(operation.database, name);
    return keeps && there.exists && can_be_kept(there.type, name);
  };
  if (const auto* drop = std::get_if<DropCollection>(&operation.body); drop != nullptr && is_kept(drop->collection))
    return {trashing(operation.database, drop->collection)};
  if (const auto* rename = std::get_if<RenameCollection>(&operation.body))
    if (rename->drop_target && rename->to != rename->collection &&
        known_.exists(operation.database, rename->collection) && is_kept(rename->to))
      return {trashing(operation.database, rename->to),
              {operation.database, RenameCollection{rename->collection, rename->to, false}}};
  if (auto restored = restoring(operation)) {
    if (std::holds_alternative<CreateCollection>(operation.body)) return {*std::move(restored)};
    return {*std::move(restored), operation};
  }
  return {operation};
}

// The creation that a write is at the same time; nothing where its collection is there.
std::optional<Operation> AttemptJournal::making(const Operation& operation) {
  std::optional<Namespace> target;
  if (const auto* write = std::get_if<Write>(&operation.body)) {
    if (makes_by_writing(*write)) target = {operation.database, write->collection};
  } else if (const auto* run = std::get_if<RunCommand>(&operation.body)) {
    target = made_by(*run, operation.database);
  }
  if (!target || target->collection.empty() || known_.exists(target->database, target->collection)) return std::nullopt;
  return Operation{target->database, CreateCollection{target->collection, {}}};
}

void AttemptJournal::begin(const Operation& operation) {
  open_entry_ = false;
  JournalledOperation entry;
  if (is_schema(operation)) {
    entry.operation = operation;
  } else if (auto made = making(operation)) {
    entry.operation = *std::move(made);
  } else {
    return;
  }
  if (planted(Flaw::inverse_after_change)) known_.tell_done(entry.operation);
  entry.inverse = inverse_of(entry.operation, known_.before(entry.operation));
  if (entry.inverse && entry.inverse->empty()) return;  // it changes nothing
  if (const auto* rename = std::get_if<RenameCollection>(&operation.body))
    entry.uuid = known_.uuid(operation.database, rename->collection);
  write(std::move(entry));
  open_entry_ = true;
}

bool AttemptJournal::expects_change(const Operation& operation) {
  const auto* rename = std::get_if<RenameCollection>(&operation.body);
  return open_entry_ && (rename == nullptr || known_.exists(operation.database, rename->collection));
}

void AttemptJournal::write(JournalledOperation entry) {
  entry.number = static_cast<std::int64_t>(entries_.size()) + 1;
  const Document document = document_of(entry);
  const bool is_full = chunk_entries_ >= kChunkEntries ||
                       chunk_bytes_ + document.bytes().size() > connection_.limits().document_bytes / kChunkShare;
  Document set;
  std::optional<JournalChunk> moved;
  if (is_full) {
    moved = {attempted_.run,
             attempted_.started_ms,
             chunks_ + 1,
             {entries_.end() - static_cast<std::ptrdiff_t>(chunk_entries_), entries_.end()}};
    set.add("attempt.chunks", moved->number)
        .add("attempt.operations", Document().add(std::to_string(entry.number), document));
  } else {
    set.add(key_of(entry), document);
    if (told_refused_) set.add_all(*told_refused_);
  }
  unsent_ = entry.number;  // should this throw, nobody knows whether it is written
  if (moved && planted(Flaw::chunk_after_state)) lease_.write_down(set);
  lease_.write_down(set, moved);
  unsent_.reset();
  told_refused_.reset();
  if (moved) {
    chunks_ = moved->number;
    chunk_entries_ = chunk_bytes_ = 0;
  }
  ++chunk_entries_;
  chunk_bytes_ += document.bytes().size();
  entries_.push_back(std::move(entry));
}

std::vector<JournalledOperation> AttemptJournal::entries() const {
  std::vector<JournalledOperation> entries = entries_;
  if (unsent_) {
    JournalledOperation& nothing = entries.emplace_back();
    nothing.number = *unsent_;
    nothing.inverse.emplace();
  }
  return entries;
}

void AttemptJournal::done(const Operation& operation) {
  if (is_schema(operation)) {
    known_.tell_done(operation);
  } else if (open_entry_) {
    known_.tell_done(entries_.back().operation);
  }
  open_entry_ = false;
}

void AttemptJournal::refused(const Operation& operation) {
  if (open_entry_) {
    entries_.back().refused = true;
    const JournalledOperation& entry = entries_.back();
    told_refused_ = Document().add(key_of(entry) + ".refused", true);
    const bool drops = entry.inverse && std::ranges::any_of(*entry.inverse, [](const Operation& step) {
                         return std::holds_alternative<DropCollection>(step.body);
                       });
    // Somebody else made the collection: not for a moment may it look like ours.
    if (drops) {
      lease_.write_down(*told_refused_);
      told_refused_.reset();
    }
  }
  open_entry_ = false;
  known_.forget(operation);
}

}  // namespace treering
