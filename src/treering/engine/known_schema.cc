// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/known_schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "treering/base/reply.h"
#include "treering/engine/cursor.h"

namespace treering {
namespace {

// From so many collections on, all are listed at once.
constexpr int kOneByOne = 3;

std::string uuid_of(const Document& listed) {
  const auto field = listed.find("info.uuid");
  if (!field || field->type() != BSON_TYPE_BINARY) return "";
  bson_subtype_t subtype{};
  std::uint32_t size = 0;
  const std::uint8_t* bytes = nullptr;
  bson_iter_binary(&field->iter(), &subtype, &size, &bytes);
  std::string text;
  for (std::uint32_t i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

std::vector<Document> listed_by(Connection& connection, const std::string& database, const Document& filter) {
  Document command;
  command.add("listCollections", 1);
  if (!filter.empty()) command.add("filter", filter);
  return read_cursor(connection, database, command);
}

Document named(const std::string& name) { return Document().add("name", name); }

void note_created(KnownSchema::Entry& there, const Document& options) {
  if (there.exists) return;
  there = KnownSchema::Entry{};
  there.exists = true;
  there.type = options.has("viewOn") ? "view" : options.has("timeseries") ? "timeseries" : "collection";
  there.options = options;
  if (there.type == "collection") there.indexes.emplace();
}

void note_indexes(std::vector<Document>& there, const std::vector<Document>& made) {
  for (const Document& index : made) {
    const std::string name = index_name(index);
    const auto same = [&](const Document& other) { return index_name(other) == name; };
    if (std::ranges::any_of(there, same)) continue;
    there.push_back(index.has("name") ? index : Document(index).add("name", name));
  }
}

}  // namespace

void KnownSchema::list(const std::string& database, const Document& filter) {
  for (const Document& listed : listed_by(connection_, database, filter)) {
    Entry found;
    found.exists = true;
    found.was_listed = true;
    found.type = listed.string("type").value_or("collection");
    found.uuid = uuid_of(listed);
    found.options = listed.document("options").value_or(Document());
    entries_.try_emplace({database, listed.string("name").value_or("")}, std::move(found));
  }
}

KnownSchema::Entry& KnownSchema::entry(const std::string& database, const std::string& name) {
  const Name key{database, name};
  if (const auto known = entries_.find(key); known != entries_.end()) return known->second;
  int& asked = asked_[database];
  if (asked >= 0) {
    const bool all = ++asked > kOneByOne;
    list(database, all ? Document() : named(name));
    if (all) asked = -1;
  }
  return entries_[key];
}

const KnownSchema::Entry& KnownSchema::collection(const std::string& database, const std::string& name) {
  return entry(database, name);
}

std::string KnownSchema::uuid(const std::string& database, const std::string& name) {
  Entry& there = entry(database, name);
  if (there.exists && !there.was_listed) {
    for (const Document& listed : listed_by(connection_, database, named(name))) there.uuid = uuid_of(listed);
    there.was_listed = true;
  }
  return there.uuid;
}

const std::vector<Document>& KnownSchema::indexes(const std::string& database, const std::string& name) {
  Entry& there = entry(database, name);
  if (!there.indexes) {
    there.indexes.emplace();
    if (there.exists && there.type != "view")
      *there.indexes = read_cursor(connection_, database, Document().add("listIndexes", name));
  }
  return *there.indexes;
}

Found KnownSchema::before(const Operation& operation) {
  const auto* rename = std::get_if<RenameCollection>(&operation.body);
  const std::string name = rename != nullptr ? rename->to : collection_of(operation);
  const bool wants_indexes = std::holds_alternative<CreateIndexes>(operation.body) ||
                             std::holds_alternative<DropIndexes>(operation.body) ||
                             std::holds_alternative<ModifyCollection>(operation.body);
  Found found;
  if (wants_indexes) found.indexes = indexes(operation.database, name);
  const Entry& there = entry(operation.database, name);
  found.exists = there.exists;
  found.options = there.options;
  return found;
}

void KnownSchema::tell_done(const Operation& operation) {
  const std::string& database = operation.database;
  if (const auto* create = std::get_if<CreateCollection>(&operation.body)) {
    note_created(entry(database, create->collection), create->options);
  } else if (const auto* drop = std::get_if<DropCollection>(&operation.body)) {
    entry(database, drop->collection) = Entry{};
  } else if (const auto* rename = std::get_if<RenameCollection>(&operation.body)) {
    Entry moved = std::exchange(entry(database, rename->collection), Entry{});
    entry(database, rename->to) = std::move(moved);
  } else if (const auto* indexes = std::get_if<CreateIndexes>(&operation.body)) {
    Entry& there = entry(database, indexes->collection);
    note_created(there, {});
    if (there.indexes) note_indexes(*there.indexes, indexes->indexes);
  } else if (const auto* dropped = std::get_if<DropIndexes>(&operation.body)) {
    Entry& there = entry(database, dropped->collection);
    const auto name = dropped->index.string("index");
    if (there.indexes && name && *name != "*") {
      std::erase_if(*there.indexes, [&](const Document& index) { return index_name(index) == *name; });
    } else {
      there.indexes.reset();
    }
  } else {
    forget(operation);
  }
}

void KnownSchema::forget(const Operation& operation) {
  const auto forget_one = [&](const std::string& name) {
    entries_.erase({operation.database, name});
    if (auto asked = asked_.find(operation.database); asked != asked_.end() && asked->second < 0) asked->second = 0;
  };
  forget_one(collection_of(operation));
  if (const auto* rename = std::get_if<RenameCollection>(&operation.body)) forget_one(rename->to);
}

}  // namespace treering
