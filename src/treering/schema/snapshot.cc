// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "treering/base/error.h"
#include "treering/schema/canonical.h"
#include "treering/schema/snapshot_json.h"

namespace treering {
namespace {

constexpr int kFormat = 1;

SnapshotJson json_of(const Collection& collection) {
  SnapshotJson json = SnapshotJson::object();
  if (!collection.class_name.empty()) json["class"] = collection.class_name;
  if (collection.is_held_back) json["held_back"] = true;
  if (!collection.options.empty()) json["options"] = json_of_document(collection.options);
  std::vector<const Index*> indexes;
  for (const Index& index : collection.indexes) indexes.push_back(&index);
  std::ranges::sort(indexes, {}, &Index::name);
  for (const Index* index : indexes) json["indexes"].push_back(json_of_document(index->spec));
  for (const Document& document : collection.data) json["data"].push_back(json_of_document(document));
  if (!collection.shard_key.empty()) json["shard_key"] = json_of_document(collection.shard_key);
  return json;
}

Document part(const SnapshotJson& json, const char* name) {
  return json.contains(name) ? document_from(json.at(name)) : Document();
}

// "d:{...}": one initial document among the elements of its collection; numbers by value.
std::string data_key(const Field& id) { return "d:" + canonical_numbers(Document().add(id)).json(); }

// What the models can't have said, as a person or a merge left it: two of one name, and documents that nobody finds.
void require_sound(const Collection& collection) {
  std::set<std::string> seen;
  const auto take = [&](const std::string& key) {
    if (!seen.insert(key).second)
      throw Error(Kind::usage, "the collection " + collection.name + " has two of " + key.substr(2));
  };
  for (const Index& index : collection.indexes) {
    if (!index.spec.string("name")) throw Error(Kind::usage, collection.name + " has an index without a name");
    if (index.spec.document("key").value_or(Document()).empty())
      throw Error(Kind::usage, fmt::format("the index {}.{} has no key", collection.name, index.name()));
    take("i:" + std::string(index.name()));
  }
  for (const Document& document : collection.data) {
    const auto fields = document.fields();
    if (fields.empty() || fields.front().key() != "_id")
      throw Error(Kind::usage, "a document of " + collection.name + " doesn't begin with its _id");
    take(data_key(fields.front()));
  }
}

Collection collection_from(const std::string& name, const SnapshotJson& json) {
  Collection collection;
  collection.name = name;
  collection.class_name = json.value("class", "");
  collection.is_held_back = json.value("held_back", false);
  collection.options = part(json, "options");
  collection.shard_key = part(json, "shard_key");
  if (json.contains("indexes"))
    for (const SnapshotJson& spec : json.at("indexes")) collection.indexes.push_back({document_from(spec), 0, nullptr});
  if (json.contains("data"))
    for (const SnapshotJson& document : json.at("data")) collection.data.push_back(document_from(document));
  require_sound(collection);
  return collection;
}

Error unreadable(const std::string& path, const std::string& what) {
  return Error(Kind::file, path + " is no snapshot of models: " + what,
               "bring it back from version control, or remove it and generate a revision anew")
      .with("file", path);
}

// One collection as elements that branches change independently of each other: "o:validator", "i:email_1", "d:{...}".
using Elements = std::map<std::string, Document>;

Elements elements_of(const Collection& collection) {
  Elements elements;
  for (const Field& field : collection.options.fields())
    elements["o:" + std::string(field.key())] = Document().add(field);
  for (const Index& index : collection.indexes) elements["i:" + std::string(index.name())] = index.spec;
  for (const Document& document : collection.data) {
    const auto id = document.find("_id");
    elements[id ? data_key(*id) : "d:"] = document;
  }
  if (!collection.shard_key.empty()) elements["s:"] = collection.shard_key;
  return elements;
}

Collection collection_of(const Collection& like, const Elements& elements) {
  Collection collection;
  collection.name = like.name;
  collection.class_name = like.class_name;
  for (const auto& [name, value] : elements) {
    if (name.starts_with("o:")) collection.options.add_all(value);
    if (name.starts_with("i:")) collection.indexes.push_back({value, 0, nullptr});
    if (name.starts_with("d:")) collection.data.push_back(value);
    if (name.starts_with("s:")) collection.shard_key = value;
  }
  return collection;
}

Collection merge_collection(const Collection& now, const Collection& base, const Collection& side) {
  Elements merged = elements_of(now);
  const Elements before = elements_of(base);
  const Elements after = elements_of(side);
  for (const auto& [name, value] : before)
    if (!after.contains(name)) merged.erase(name);
  for (const auto& [name, value] : after)
    if (const auto found = before.find(name); found == before.end() || found->second != value) merged[name] = value;
  Collection result = collection_of(side, merged);
  result.is_held_back = side.is_held_back == base.is_held_back ? now.is_held_back : side.is_held_back;
  return result;
}

// Two collections of one name are what a merge by hand leaves; the parser would take the last of them.
SnapshotJson parsed(std::string_view text) {
  constexpr int kCollections = 2;  // depth of their names
  std::set<std::string> names;
  const auto look = [&](int depth, SnapshotJson::parse_event_t event, const SnapshotJson& key) {
    if (event == SnapshotJson::parse_event_t::key && depth == kCollections && !names.insert(key).second)
      throw Error(Kind::usage, "the collection " + key.get<std::string>() + " is in it twice");
    return true;
  };
  return SnapshotJson::parse(text, look);
}

}  // namespace

std::string snapshot_text(const Schema& schema) {
  std::map<std::string, const Collection*> sorted;
  for (const Collection& collection : schema.collections()) sorted[collection.name] = &collection;
  SnapshotJson collections = SnapshotJson::object();
  for (const auto& [name, collection] : sorted) collections[name] = json_of(*collection);
  SnapshotJson json;
  json["format"] = kFormat;
  json["collections"] = std::move(collections);
  return pretty(json);
}

Schema schema_from_snapshot(std::string_view text, const std::string& path) {
  try {
    const SnapshotJson json = parsed(text);
    const SnapshotJson& format = json.at("format");
    if (!format.is_number_unsigned() || format == 0)
      throw Error(Kind::usage, "format is " + format.dump() + ", and should be a whole number from 1 on");
    if (format > kFormat)
      throw Error(Kind::file, path + " was written by a newer Treering", "install that version, or a later one")
          .with("file", path);
    std::vector<Collection> collections;
    const SnapshotJson& found = json.at("collections");
    for (auto item = found.begin(); item != found.end(); ++item)
      collections.push_back(collection_from(item.key(), item.value()));
    return Schema(std::move(collections));
  } catch (const nlohmann::json::exception& error) {
    throw unreadable(path, error.what());
  } catch (const Error& error) {
    if (error.kind() == Kind::file) throw;
    throw unreadable(path, error.what());
  }
}

Schema merge_snapshots(const Schema& base, const std::vector<Schema>& sides) {
  std::map<std::string, Collection> merged;
  for (const Collection& collection : base.collections()) merged[collection.name] = collection;
  for (const Schema& side : sides) {
    for (const Collection& collection : base.collections())
      if (side.find(collection.name) == nullptr) merged.erase(collection.name);
    for (const Collection& collection : side.collections()) {
      const Collection* before = base.find(collection.name);
      const auto now = merged.find(collection.name);
      if (before != nullptr && now == merged.end()) continue;  // another side removed it
      static const Collection kNothing;
      merged[collection.name] = merge_collection(now == merged.end() ? kNothing : now->second,
                                                 before == nullptr ? kNothing : *before, collection);
    }
  }
  std::vector<Collection> collections;
  for (auto& [name, collection] : merged) collections.push_back(std::move(collection));
  return Schema(std::move(collections));
}

}  // namespace treering
