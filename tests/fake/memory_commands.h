// SPDX-License-Identifier: Apache-2.0
// The commands of the server in memory. Included by memory_server.h alone.
#pragma once

#include "fake/memory_server.h"

namespace treering {

inline const std::map<std::string, MemoryServer::Row, std::less<>>& MemoryServer::rows() {
  static const std::map<std::string, Row, std::less<>> kRows = {
      {"ping", {&MemoryServer::ping, {}}},
      {"hello", {&MemoryServer::hello, {}}},
      {"find", {&MemoryServer::find, {"filter", "projection", "sort", "limit", "batchSize", "singleBatch"}}},
      {"aggregate", {&MemoryServer::aggregate, {"pipeline", "cursor"}}},
      {"getMore", {&MemoryServer::get_more, {"collection", "batchSize"}}},
      {"insert", {&MemoryServer::insert, {"documents", "ordered"}}},
      {"update", {&MemoryServer::update, {"updates", "ordered"}}},
      {"delete", {&MemoryServer::remove, {"deletes", "ordered"}}},
      {"findAndModify", {&MemoryServer::find_and_modify, {"query", "update", "new"}}},
      {"create", {&MemoryServer::create, {"capped", "size", "validator", "validationLevel", "validationAction"}}},
      {"drop", {&MemoryServer::drop, {}}},
      {"dropDatabase", {&MemoryServer::drop_database, {}}},
      {"listCollections", {&MemoryServer::list_collections, {"filter", "nameOnly", "authorizedCollections"}}},
      {"createIndexes", {&MemoryServer::create_indexes, {"indexes"}}},
      {"dropIndexes", {&MemoryServer::drop_indexes, {"index"}}},
      {"count", {&MemoryServer::count, {"query", "limit", "maxTimeMS", "hint", "collation"}}},
      {"listIndexes", {&MemoryServer::list_indexes, {}}},
      {"renameCollection", {&MemoryServer::rename_collection, {"to", "dropTarget"}}},
      {"collMod", {&MemoryServer::modify_collection, {"validator", "validationLevel", "validationAction", "index"}}},
      {"killCursors", {&MemoryServer::kill_cursors, {"cursors"}}},
      {"killSessions", {&MemoryServer::kill_sessions, {}}},
  };
  return kRows;
}

namespace fake {

inline Document ok() { return Document().add("ok", 1.0); }

inline std::string collection_of_command(const Document& command) {
  auto name = command.fields().front().string();
  if (!name || name->empty()) throw refusal(73, "InvalidNamespace", "no collection is named");
  return *name;
}

inline ServerError not_found(const std::string& ns) {
  return refusal(kNamespaceNotFound, "NamespaceNotFound", "ns not found " + ns);
}
inline ServerError exists(const std::string& ns) {
  return refusal(kNamespaceExists, "NamespaceExists", "Collection " + ns + " already exists.");
}

// The collection, or code 26.
template <typename Collections>
auto& existing(Collections& collections, const std::string& database, const Document& command) {
  const std::string name = collection_of_command(command);
  auto found = collections.find(name);
  if (found == collections.end()) throw not_found(database + "." + name);
  return found->second;
}

}  // namespace fake

inline Document MemoryServer::ping(Collections&, const std::string&, const Document&) { return fake::ok(); }

inline Document MemoryServer::hello(Collections&, const std::string&, const Document&) { return hello_reply(); }

inline Document MemoryServer::hello_reply() const {
  Document reply;
  if (!stands_alone_) reply.add("setName", "memory");
  return reply.add("maxWireVersion", wire_version_)
      .add("maxBsonObjectSize", static_cast<std::int32_t>(limits_.document_bytes))
      .add("maxMessageSizeBytes", static_cast<std::int32_t>(limits_.message_bytes))
      .add("maxWriteBatchSize", static_cast<std::int32_t>(limits_.write_batch))
      .add("ok", 1.0);
}

inline Document MemoryServer::cursor_reply(const std::string& ns, std::vector<Document> documents,
                                           std::size_t batch_size, bool single_batch) {
  Document cursor;
  std::vector<Document> batch(documents.begin(),
                              documents.begin() + static_cast<std::ptrdiff_t>(std::min(batch_size, documents.size())));
  std::int64_t id = 0;
  if (batch.size() < documents.size() && !single_batch) {
    id = next_cursor_++;
    cursors_[id] = {ns, {documents.begin() + static_cast<std::ptrdiff_t>(batch.size()), documents.end()}};
  }
  cursor.add_array("firstBatch", batch).add("id", id).add("ns", ns);
  return Document().add("cursor", cursor).add("ok", 1.0);
}

inline Document MemoryServer::aggregate(Collections& collections, const std::string& database,
                                        const Document& command) {
  const std::string name = fake::collection_of_command(command);
  std::vector<Document> found;
  if (auto collection = collections.find(name); collection != collections.end())
    for (const Document& document : collection->second.documents()) found.push_back(document);
  for (const Document& stage : command.documents("pipeline")) {
    const Field call = stage.fields().front();
    const Document argument = call.document().value_or(Document());
    if (call.key() == "$match") {
      std::erase_if(found, [&](const Document& document) { return !fake::matches(document, argument, now_ms_); });
    } else if (call.key() == "$group") {
      if (!found.empty()) found = {fake::grouped(found, argument, now_ms_)};
    } else if (call.key() == "$sort") {
      fake::sort_documents(found, argument);
    } else if (call.key() == "$limit") {
      found.resize(std::min(found.size(), static_cast<std::size_t>(call.integer().value())));
    } else if (call.key() == "$project") {
      for (Document& document : found) document = fake::projected(document, argument, now_ms_);
    } else {
      throw fake::refusal(40324, "Location40324",
                          "Unrecognized pipeline stage name: '" + std::string(call.key()) + "'");
    }
  }
  return cursor_reply(database + "." + name, std::move(found), 101, false);
}

inline Document MemoryServer::find(Collections& collections, const std::string& database, const Document& command) {
  const std::string name = fake::collection_of_command(command);
  std::vector<Document> found;
  if (auto collection = collections.find(name); collection != collections.end()) {
    for (const Document& document : collection->second.documents())
      if (fake::matches(document, command.document("filter").value_or(Document()), now_ms_)) found.push_back(document);
  }
  if (auto order = command.document("sort")) fake::sort_documents(found, *order);
  if (auto limit = command.integer("limit"); limit && *limit > 0 && static_cast<std::size_t>(*limit) < found.size())
    found.resize(static_cast<std::size_t>(*limit));
  for (Document& document : found)
    document = fake::projected(document, command.document("projection").value_or(Document()), now_ms_);
  constexpr std::int64_t kFirstBatch = 101;
  return cursor_reply(database + "." + name, std::move(found),
                      static_cast<std::size_t>(command.integer("batchSize").value_or(kFirstBatch)),
                      command.boolean("singleBatch").value_or(false));
}

inline Document MemoryServer::count(Collections& collections, const std::string&, const Document& command) {
  std::int32_t n = 0;
  if (auto collection = collections.find(fake::collection_of_command(command)); collection != collections.end())
    for (const Document& document : collection->second.documents())
      if (fake::matches(document, command.document("query").value_or(Document()), now_ms_)) ++n;
  return Document().add("n", n).add("ok", 1.0);
}

inline Document MemoryServer::get_more(Collections&, const std::string& database, const Document& command) {
  const std::int64_t id = command.integer("getMore").value();
  auto found = cursors_.find(id);
  if (found == cursors_.end() || found->second.ns != database + "." + command.string("collection").value())
    throw fake::refusal(43, "CursorNotFound", "cursor id " + std::to_string(id) + " not found");
  Cursor& open = found->second;
  const auto size = std::min(open.left.size(), static_cast<std::size_t>(command.integer("batchSize").value_or(1000)));
  const auto end = open.left.begin() + static_cast<std::ptrdiff_t>(size);
  const std::vector<Document> batch(open.left.begin(), end);
  open.left.erase(open.left.begin(), end);
  Document cursor;
  cursor.add_array("nextBatch", batch).add("id", open.left.empty() ? std::int64_t{0} : id).add("ns", open.ns);
  if (open.left.empty()) cursors_.erase(found);
  return Document().add("cursor", cursor).add("ok", 1.0);
}

// A command inside of a transaction. One that fails, or has writeErrors, ends it; one that isn't allowed there doesn't.
inline Document MemoryServer::answer_in(fake::MemoryTransaction& transaction, const std::string& database,
                                        const Document& command, const Field& first) {
  const std::string name(first.key());
  if (name == "commitTransaction" && transaction.state() == fake::MemoryTransaction::State::committed)
    return fake::ok();
  constexpr std::string_view kAllowed[] = {"find",          "getMore",          "aggregate",        "insert",
                                           "update",        "delete",           "findAndModify",    "create",
                                           "createIndexes", "abortTransaction", "commitTransaction"};
  transaction.enter(databases_, restarts_);
  const bool on_old = name == "createIndexes" && transaction.was_there(database, first.string().value_or(""));
  if (on_old || std::ranges::find(kAllowed, name) == std::end(kAllowed))
    throw fake::refusal(kNotInTransaction, "OperationNotSupportedInTransaction",
                        "Cannot run '" + name + "' in a multi-document transaction.");
  try {
    if (name == "abortTransaction") return transaction.kill(), fake::ok();
    transaction.require_no_conflict(databases_);
    if (name == "commitTransaction") return transaction.commit(databases_), fake::ok();
    if (command.has("writeConcern"))
      throw fake::refusal(72, "InvalidOptions", "writeConcern is not allowed within a multi-statement transaction");
    Document reply = answer(transaction.databases(), database, command, first);
    transaction.require_no_conflict(databases_);
    if (reply.has("writeErrors")) transaction.kill();
    return reply;
  } catch (const ServerError&) {
    transaction.kill();
    throw;
  }
}

// A document as it is stored: with an _id, which comes first. Ids made here grow.
inline Document MemoryServer::with_id(const Document& document) {
  Document result;
  if (auto id = document.find("_id")) {
    result.add(*id);
  } else {
    const std::uint32_t number = next_id_++;
    bson_oid_t oid{};
    for (std::size_t i = 0; i < 4; ++i) oid.bytes[8 + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    result.add("_id", oid);
  }
  for (const Field& field : document.fields())
    if (field.key() != "_id") result.add(field);
  return result;
}

// Carries out the statements of a write; a refused one is in `writeErrors`, and the last one where the write is
// ordered. `carry_out_statement(statement, index, counted)` adds to counted's n, nModified and upserted.
template <typename Statement>
Document MemoryServer::written(const Document& command, std::string_view field, Statement&& carry_out_statement) {
  const auto statements = command.documents(field);
  if (statements.empty() || statements.size() > limits_.write_batch)
    throw fake::refusal(16, "InvalidLength",
                        "Write batch sizes must be between 1 and " + std::to_string(limits_.write_batch));
  Document counted = Document().add("n", 0);
  std::vector<Document> errors;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto index = static_cast<std::int32_t>(i);
    try {
      carry_out_statement(statements[i], index, counted);
    } catch (const ServerError& error) {
      errors.push_back(Document().add("index", index).add("code", error.code()).add("errmsg", error.what()));
      if (command.boolean("ordered").value_or(true)) break;
    }
  }
  if (!errors.empty()) counted.add_array("writeErrors", errors);
  return counted.add("ok", 1.0);
}

namespace fake {
inline void count(Document& counted, std::string_view field, std::size_t more) {
  counted = with_path(
      counted, field,
      Value::of(static_cast<std::int32_t>(counted.integer(field).value_or(0) + static_cast<std::int64_t>(more))));
}
}  // namespace fake

inline Document MemoryServer::insert(Collections& collections, const std::string&, const Document& command) {
  fake::MemoryCollection& collection = made(collections, fake::collection_of_command(command));
  return written(command, "documents", [&](const Document& document, std::int32_t, Document& counted) {
    collection.insert(with_id(document), now_ms_);
    fake::count(counted, "n", 1);
  });
}

inline void MemoryServer::update_one_statement(fake::MemoryCollection& collection, const Document& statement,
                                               std::int32_t index, Document& counted) {
  fake::require_known(statement, {"q", "u", "multi", "upsert"}, "update.updates");
  const Document filter = statement.document("q").value();
  const Field change = statement.find("u").value();
  const auto found = collection.find(filter, now_ms_, statement.boolean("multi").value_or(false));
  for (std::size_t position : found) {
    const bool modified =
        collection.replace(position, fake::updated(collection.documents()[position], change, now_ms_), now_ms_);
    fake::count(counted, "n", 1);
    if (modified) fake::count(counted, "nModified", 1);
  }
  if (!found.empty() || !statement.boolean("upsert").value_or(false)) return;
  Document start;
  for (const Field& field : filter.fields())
    if (!field.key().starts_with("$") && !fake::is_operator_document(field))
      start = fake::with_path(start, field.key(), fake::Value(field));
  const Document fresh = with_id(fake::updated(start, change, now_ms_));
  collection.insert(fresh, now_ms_);
  fake::count(counted, "n", 1);
  std::vector<Document> upserted = counted.documents("upserted");
  upserted.push_back(Document().add("index", index).add(*fresh.find("_id")));
  counted =
      fake::with_path(counted, "upserted", fake::Value(Document().add_array("upserted", upserted).find("upserted")));
}

inline Document MemoryServer::update(Collections& collections, const std::string&, const Document& command) {
  const std::string name = fake::collection_of_command(command);
  const auto statements = command.documents("updates");
  const bool upserts =
      std::ranges::any_of(statements, [](const Document& one) { return one.boolean("upsert").value_or(false); });
  fake::MemoryCollection nothing;
  fake::MemoryCollection& collection = collections.contains(name) || upserts ? made(collections, name) : nothing;
  Document reply = written(command, "updates", [&](const Document& statement, std::int32_t index, Document& counted) {
    update_one_statement(collection, statement, index, counted);
  });
  if (!reply.has("nModified")) reply.add("nModified", 0);
  return reply;
}

inline Document MemoryServer::remove(Collections& collections, const std::string&, const Document& command) {
  const std::string name = fake::collection_of_command(command);
  return written(command, "deletes", [&](const Document& statement, std::int32_t, Document& counted) {
    fake::require_known(statement, {"q", "limit"}, "delete.deletes");
    const bool all = statement.integer("limit").value() == 0;
    auto collection = collections.find(name);
    if (collection == collections.end()) return;
    auto found = collection->second.find(statement.document("q").value(), now_ms_, all);
    for (auto position = found.rbegin(); position != found.rend(); ++position) collection->second.erase(*position);
    fake::count(counted, "n", found.size());
  });
}

inline Document MemoryServer::find_and_modify(Collections& collections, const std::string&, const Document& command) {
  auto collection = collections.find(fake::collection_of_command(command));
  std::vector<std::size_t> found;
  if (collection != collections.end())
    found = collection->second.find(command.document("query").value_or(Document()), now_ms_, false);
  Document last;
  last.add("n", static_cast<std::int32_t>(found.size())).add("updatedExisting", !found.empty());
  Document reply;
  reply.add("lastErrorObject", last);
  if (found.empty()) return reply.add_null("value").add("ok", 1.0);
  const Document before = collection->second.documents()[found.front()];
  const Document after = fake::updated(before, command.find("update").value(), now_ms_);
  collection->second.replace(found.front(), after, now_ms_);
  return reply.add("value", command.boolean("new").value_or(false) ? after : before).add("ok", 1.0);
}

inline Document MemoryServer::create(Collections& collections, const std::string& database, const Document& command) {
  const std::string name = fake::collection_of_command(command);
  Document options;
  for (const Field& field : command.fields())
    if (field.key() != "create" && field.key() != "writeConcern" && field.key() != "comment") options.add(field);
  const auto there = collections.find(name);
  if (there == collections.end()) {
    collections.try_emplace(name, options, next_uuid_++);
  } else if (age_ == ServerAge::before_7_0 || !(there->second.options() == options)) {
    throw fake::exists(database + "." + name);
  }
  return fake::ok();
}

inline Document MemoryServer::modify_collection(Collections& collections, const std::string& database,
                                                const Document& command) {
  fake::MemoryCollection& collection = fake::existing(collections, database, command);
  Document changes;
  for (const Field& field : command.fields())
    if (field.key() != "collMod" && field.key() != "writeConcern" && field.key() != "comment") changes.add(field);
  collection.modify(changes);
  return fake::ok();
}

// The collection; where there was none, a new one.
inline fake::MemoryCollection& MemoryServer::made(Collections& collections, const std::string& name) {
  const auto there = collections.find(name);
  if (there != collections.end()) return there->second;
  return collections.try_emplace(name, Document(), next_uuid_++).first->second;
}

inline Document MemoryServer::drop(Collections& collections, const std::string& database, const Document& command) {
  const std::string name = fake::collection_of_command(command);
  auto found = collections.find(name);
  if (found == collections.end()) {
    if (age_ == ServerAge::from_7_0) return fake::ok();
    throw fake::not_found(database + "." + name);
  }
  const auto indexes = static_cast<std::int32_t>(found->second.indexes().size());
  collections.erase(found);
  return Document().add("nIndexesWas", indexes).add("ns", database + "." + name).add("ok", 1.0);
}

inline Document MemoryServer::drop_database(Collections& collections, const std::string&, const Document&) {
  collections.clear();
  return fake::ok();
}

inline Document MemoryServer::list_collections(Collections& collections, const std::string& database,
                                               const Document& command) {
  std::vector<Document> found;
  for (const auto& [name, collection] : collections) {
    Document row = Document().add("name", name).add("type", "collection");
    if (!command.boolean("nameOnly").value_or(false))
      row.add("options", collection.options())
          .add("info", Document().add("readOnly", false).add_all(uuid_field(collection)));
    if (fake::matches(row, command.document("filter").value_or(Document()), now_ms_)) found.push_back(row);
  }
  return cursor_reply(database + ".$cmd.listCollections", std::move(found), 101, false);
}

inline Document MemoryServer::uuid_field(const fake::MemoryCollection& collection) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[15 - i] = static_cast<std::uint8_t>(collection.uuid() >> (8 * i));
  return Document().add_binary("uuid", bytes, BSON_SUBTYPE_UUID);
}

inline Document MemoryServer::create_indexes(Collections& collections, const std::string&, const Document& command) {
  const std::string name = fake::collection_of_command(command);
  const bool fresh = !collections.contains(name);
  fake::MemoryCollection changed =
      fresh ? fake::MemoryCollection({}, next_uuid_++) : collections.at(name);  // all of the indexes or none
  const std::size_t before = changed.indexes().size();
  for (const Document& index : command.documents("indexes")) changed.create_index(index);
  const std::size_t after = changed.indexes().size();
  collections.insert_or_assign(name, std::move(changed));
  return Document()
      .add("numIndexesBefore", static_cast<std::int32_t>(before))
      .add("numIndexesAfter", static_cast<std::int32_t>(after))
      .add("createdCollectionAutomatically", fresh)
      .add("ok", 1.0);
}

inline Document MemoryServer::drop_indexes(Collections& collections, const std::string& database,
                                           const Document& command) {
  fake::MemoryCollection& collection = fake::existing(collections, database, command);
  const auto before = static_cast<std::int32_t>(collection.indexes().size());
  collection.drop_indexes(command.find("index").value());
  return Document().add("nIndexesWas", before).add("ok", 1.0);
}

inline Document MemoryServer::list_indexes(Collections& collections, const std::string& database,
                                           const Document& command) {
  const std::string name = fake::collection_of_command(command);
  return cursor_reply(database + "." + name, fake::existing(collections, database, command).indexes(), 101, false);
}

inline Document MemoryServer::kill_cursors(Collections&, const std::string&, const Document& command) {
  const Document ids = command.document("cursors").value();
  for (const Field& id : ids.fields()) cursors_.erase(id.integer().value());
  return fake::ok();
}

// The transactions that are open in these sessions are over.
inline Document MemoryServer::kill_sessions(Collections&, const std::string&, const Document& command) {
  for (const Document& session : command.documents("killSessions")) {
    Highest& highest = highest_[session.string("id").value()];
    highest.killed = highest.number;
  }
  return fake::ok();
}

inline Document MemoryServer::rename_collection(Collections&, const std::string& database, const Document& command) {
  if (database != "admin")
    throw fake::refusal(kUnauthorized, "Unauthorized", "renameCollection may only be run against the admin database.");
  const auto split = [](const std::string& ns) {
    return std::pair(ns.substr(0, ns.find('.')), ns.substr(ns.find('.') + 1));
  };
  const auto [from_database, from] = split(command.string("renameCollection").value());
  const auto [to_database, to] = split(command.string("to").value());
  Collections& source = databases_[from_database];
  Collections& target = databases_[to_database];
  if (!source.contains(from)) throw fake::not_found(*command.string("renameCollection"));
  if (from_database == to_database && from == to)
    throw fake::refusal(20, "IllegalOperation", "Can't rename a collection to itself");
  if (target.contains(to) && !command.boolean("dropTarget").value_or(false)) throw fake::exists(*command.string("to"));
  fake::MemoryCollection moved = std::move(source.at(from));
  source.erase(from);
  target.insert_or_assign(to, std::move(moved));
  return fake::ok();
}

}  // namespace treering
