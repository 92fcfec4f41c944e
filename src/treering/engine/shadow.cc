// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/shadow.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "treering/base/reply.h"
#include "treering/engine/cursor.h"
#include "treering/schema/canonical.h"

namespace treering {
namespace {

// Source: MongoDB's error_codes.yml.
constexpr int kBadValue = 2;
constexpr int kInvalidOptions = 72;
constexpr int kIndexOptionsConflict = 85;
constexpr std::int64_t kCreatesAgain = 21;  // wire version of 7.0
constexpr int kIndexKeySpecsConflict = 86;
constexpr int kNotOnViews = 166;

// What collMod takes for a view, and for any command.
constexpr std::array<std::string_view, 5> kOfViews{"viewOn", "pipeline", "comment", "writeConcern", "dryRun"};

bool is_one_of(std::string_view name, const auto& names) { return std::ranges::find(names, name) != names.end(); }

Document id_index() { return Document().add("v", 2).add("key", Document().add("_id", 1)).add("name", "_id_"); }

Document ok() { return Document().add("ok", 1.0); }

[[noreturn]] void refuse(int code, const char* code_name, const std::string& message) {
  throw ServerError(refusal(code, code_name, message));
}

[[noreturn]] void refuse_missing(const std::string& database, const std::string& collection) {
  refuse(kNamespaceNotFound, "NamespaceNotFound", fmt::format("ns not found {}.{}", database, collection));
}

bool is_same_index(const Document& a, const Document& b, const Document& options) {
  const auto first = canonical_index(a, canonical_options(options), IndexSource::listing);
  const auto second = canonical_index(b, canonical_options(options), IndexSource::specification);
  return first && second && *first == *second;
}

// The field of that name, set or replaced.
Document with_field(const Document& document, const Field& value, std::string_view name) {
  Document result;
  for (const Field& field : document.fields())
    if (field.key() != name) result.add(field);
  return result.add(name, value);
}

bool names_index(const Document& index, const Field& wanted) {
  if (wanted.type() == BSON_TYPE_UTF8) return index.string("name") == wanted.string();
  const auto key = index.document("key");
  return wanted.is_document() && key && same_document(*key, *wanted.document());
}

}  // namespace

Document refusal(int code, const std::string& code_name, const std::string& message) {
  return Document().add("ok", 0.0).add("errmsg", message).add("code", code).add("codeName", code_name);
}

const Document* Shadow::Entry::index(const Field& name_or_key) const {
  const auto found = std::ranges::find_if(indexes, [&](const Document& one) { return names_index(one, name_or_key); });
  return found == indexes.end() ? nullptr : &*found;
}

bool Shadow::Entry::is_new(const Document& index) const {
  return std::ranges::find(new_names, index.string("name").value_or("")) != new_names.end();
}

Shadow::Entry& Shadow::entry(const std::string& database, const std::string& collection) {
  const Name name{database, collection};
  if (const auto known = entries_.find(name); known != entries_.end()) return known->second;
  Entry found;
  Document command;
  command.add("listCollections", 1).add("filter", Document().add("name", collection));
  for (const Document& listed : read_cursor(*connection_, database, command)) {
    found.exists = true;
    found.stored_as = collection;
    found.type = listed.string("type").value_or("collection");
    found.options = listed.document("options").value_or(Document());
  }
  if (found.exists && found.type != "view")
    found.indexes = read_cursor(*connection_, database, Document().add("listIndexes", collection));
  return entries_.emplace(name, std::move(found)).first->second;
}

const Shadow::Entry& Shadow::at(const std::string& database, const std::string& collection) {
  return entry(database, collection);
}

void Shadow::require_no_view(const std::string& database, const std::string& collection) {
  if (entry(database, collection).type == "view")
    refuse(kNotOnViews, "CommandNotSupportedOnView",
           fmt::format("Namespace {}.{} is a view, not a collection", database, collection));
}

void Shadow::write_into(const std::string& database, const std::string& collection) {
  require_no_view(database, collection);
  Entry& there = entry(database, collection);
  if (there.exists) return;
  there = Entry{};
  there.exists = true;
  there.indexes.push_back(id_index());
}

Document Shadow::run(const Operation& operation) {
  const std::string& database = operation.database;
  if (const auto* op = std::get_if<CreateCollection>(&operation.body)) return create(database, *op);
  if (const auto* op = std::get_if<DropCollection>(&operation.body)) return drop(database, *op);
  if (const auto* op = std::get_if<RenameCollection>(&operation.body)) return rename(database, *op);
  if (const auto* op = std::get_if<CreateIndexes>(&operation.body)) return create_indexes(database, *op);
  if (const auto* op = std::get_if<DropIndexes>(&operation.body)) return drop_indexes(database, *op);
  if (const auto* op = std::get_if<ModifyCollection>(&operation.body)) return modify(database, *op);
  return ok();
}

Document Shadow::create(const std::string& database, const CreateCollection& op) {
  Entry& there = entry(database, op.collection);
  // Servers from 7.0 on take a second creation that asks for the same.
  const bool is_same = there.type == "collection" && canonical_options(there.options) == canonical_options(op.options);
  if (there.exists && is_same && connection_->hello().integer("maxWireVersion").value_or(0) >= kCreatesAgain)
    return ok();
  if (there.exists)
    refuse(kNamespaceExists, "NamespaceExists",
           fmt::format("Collection {}.{} already exists.", database, op.collection));
  there = Entry{};
  there.exists = true;
  there.options = op.options;
  if (op.options.has("viewOn")) {
    there.type = "view";
  } else {
    there.type = op.options.has("timeseries") ? "timeseries" : "collection";
    there.indexes.push_back(id_index());
  }
  return ok();
}

Document Shadow::drop(const std::string& database, const DropCollection& op) {
  Entry& there = entry(database, op.collection);
  if (!there.exists) return ok();  // servers from 7.0 on
  const auto indexes = static_cast<std::int32_t>(there.indexes.size());
  there = Entry{};
  return Document().add("nIndexesWas", indexes).add("ns", database + "." + op.collection).add("ok", 1.0);
}

Document Shadow::rename(const std::string& database, const RenameCollection& op) {
  Entry& from = entry(database, op.collection);
  if (!from.exists)
    refuse(kNamespaceNotFound, "NamespaceNotFound",
           fmt::format("Source collection {}.{} does not exist", database, op.collection));
  Entry& to = entry(database, op.to);
  if (to.exists && !op.drop_target) refuse(kNamespaceExists, "NamespaceExists", "target namespace exists");
  to = std::exchange(from, Entry{});
  return ok();
}

Document Shadow::create_indexes(const std::string& database, const CreateIndexes& op) {
  if (op.indexes.empty()) refuse(kBadValue, "BadValue", "Must specify at least one index to create");
  const bool is_new = !entry(database, op.collection).exists;
  write_into(database, op.collection);
  Entry& there = entry(database, op.collection);
  const auto before = static_cast<std::int32_t>(there.indexes.size());
  for (const Document& wanted : op.indexes) {
    const std::string name = index_name(wanted);
    const auto named = std::ranges::find_if(
        there.indexes, [&](const Document& other) { return other.string("name").value_or("") == name; });
    if (named == there.indexes.end()) {
      there.indexes.push_back(wanted.has("name") ? wanted : Document(wanted).add("name", name));
      there.new_names.push_back(name);
      continue;
    }
    if (is_same_index(*named, wanted, there.options)) continue;
    const bool same_key = same_document(*named->document("key"), wanted.document("key").value_or(Document()));
    refuse(same_key ? kIndexOptionsConflict : kIndexKeySpecsConflict,
           same_key ? "IndexOptionsConflict" : "IndexKeySpecsConflict",
           fmt::format("An existing index has the same name as the requested index ({}), with {}", name,
                       same_key ? "other options" : "another key"));
  }
  return Document()
      .add("numIndexesBefore", is_new ? 1 : before)
      .add("numIndexesAfter", static_cast<std::int32_t>(there.indexes.size()))
      .add("createdCollectionAutomatically", is_new)
      .add("ok", 1.0);
}

Document Shadow::drop_indexes(const std::string& database, const DropIndexes& op) {
  Entry& there = entry(database, op.collection);
  if (!there.exists) refuse_missing(database, op.collection);
  require_no_view(database, op.collection);
  const auto before = static_cast<std::int32_t>(there.indexes.size());
  const auto wanted = op.index.find("index");
  const auto remove = [&](const Field& one) {
    const auto found =
        std::ranges::find_if(there.indexes, [&](const Document& index) { return names_index(index, one); });
    if (found == there.indexes.end())
      refuse(kIndexNotFound, "IndexNotFound",
             fmt::format("index not found with name [{}]", one.string().value_or(op.index.json())));
    if (found->string("name") == "_id_") refuse(kInvalidOptions, "InvalidOptions", "cannot drop _id index");
    there.indexes.erase(found);
  };
  if (wanted && wanted->is_array()) {
    const Document names = *wanted->document();
    for (const Field& one : names.fields()) remove(one);
  } else if (wanted && wanted->string() == "*") {
    std::erase_if(there.indexes, [](const Document& index) { return index.string("name") != "_id_"; });
  } else if (wanted) {
    remove(*wanted);
  }
  return Document().add("nIndexesWas", before).add("ok", 1.0);
}

Document Shadow::modify(const std::string& database, const ModifyCollection& op) {
  Entry& there = entry(database, op.collection);
  if (!there.exists) refuse_missing(database, op.collection);
  const auto fields = op.changes.fields();
  for (const Field& change : fields) {
    if (there.type == "view" && !is_one_of(change.key(), kOfViews))
      refuse(kInvalidOptions, "InvalidOptions", fmt::format("option not supported on a view: {}", change.key()));
    if (change.key() != "index") {
      there.options = with_field(there.options, change, change.key());
      continue;
    }
    const Document index = change.document().value_or(Document());
    auto wanted = index.find("name");
    if (!wanted) wanted = index.find("keyPattern");
    const auto found = std::ranges::find_if(
        there.indexes, [&](const Document& other) { return wanted && names_index(other, *wanted); });
    if (found == there.indexes.end())
      refuse(kIndexNotFound, "IndexNotFound",
             fmt::format("cannot find index {} for ns {}.{}", index.json(), database, op.collection));
    const auto options = index.fields();
    for (const Field& option : options)
      if (option.key() != "name" && option.key() != "keyPattern") *found = with_field(*found, option, option.key());
  }
  return ok();
}

std::optional<Document> Shadow::listing(const std::string& database, const Document& command) {
  if (command.has("listCollections")) {
    const bool knows = std::ranges::any_of(entries_, [&](const auto& one) { return one.first.first == database; });
    if (!knows) return std::nullopt;
    return list_collections(database, command);
  }
  if (const auto collection = command.string("listIndexes")) {
    if (!entries_.contains({database, *collection})) return std::nullopt;
    return list_indexes(database, *collection);
  }
  return std::nullopt;
}

// A filter on anything but the name is the server's to understand: then what would be new isn't in the answer.
Document Shadow::list_collections(const std::string& database, const Document& command) {
  const Document filter = command.document("filter").value_or(Document());
  const auto wanted = filter.string("name");
  std::vector<Document> listed;
  for (const Document& found : read_cursor(*connection_, database, command))
    if (!entries_.contains({database, found.string("name").value_or("")})) listed.push_back(found);
  for (const auto& [name, there] : entries_) {
    if (name.first != database || !there.exists) continue;
    if (!filter.empty() && wanted != name.second) continue;
    Document one;
    one.add("name", name.second).add("type", there.type);
    if (!command.boolean("nameOnly").value_or(false))
      one.add("options", there.options).add("info", Document().add("readOnly", there.type == "view"));
    listed.push_back(one);
  }
  Document cursor;
  cursor.add("id", std::int64_t{0}).add("ns", database + ".$cmd.listCollections").add_array("firstBatch", listed);
  return Document().add("cursor", cursor).add("ok", 1.0);
}

Document Shadow::list_indexes(const std::string& database, const std::string& collection) {
  const Entry& there = entry(database, collection);
  if (!there.exists)
    refuse(kNamespaceNotFound, "NamespaceNotFound", fmt::format("ns does not exist: {}.{}", database, collection));
  Document cursor;
  cursor.add("id", std::int64_t{0}).add("ns", database + "." + collection).add_array("firstBatch", there.indexes);
  return Document().add("cursor", cursor).add("ok", 1.0);
}

}  // namespace treering
