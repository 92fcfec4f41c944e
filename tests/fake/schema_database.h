// SPDX-License-Identifier: Apache-2.0
// A database as far as schemas go: operations change it as a server would, and it refuses what a server refuses of
// them. What is left is read back as a schema.
#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "treering/schema/canonical.h"
#include "treering/schema/documents_by_id.h"
#include "treering/schema/operation.h"
#include "treering/schema/schema.h"
#include "treering/schema/steps.h"

namespace treering {

class SchemaDatabase {
 public:
  explicit SchemaDatabase(const Schema& schema) {
    for (const Collection& collection : schema.collections()) collections_[collection.name] = collection;
  }

  void apply(const Operation& operation) {
    std::visit([&](const auto& op) { run(op); }, operation.body);
  }

  Schema schema() const {
    std::vector<Collection> collections;
    for (const auto& [name, collection] : collections_) collections.push_back(collection);
    return Schema(std::move(collections));
  }

 private:
  [[noreturn]] static void refuse(const std::string& why) { throw std::runtime_error("refused: " + why); }

  Collection& at(const std::string& name) {
    const auto found = collections_.find(name);
    if (found == collections_.end()) refuse("no collection " + name);
    return found->second;
  }

  void run(const CreateCollection& op) {
    if (collections_.contains(op.collection)) refuse(op.collection + " exists");
    Collection fresh;
    fresh.name = op.collection;
    fresh.options = canonical_options(op.options);
    collections_[op.collection] = fresh;
  }

  void run(const DropCollection& op) {
    at(op.collection);
    collections_.erase(op.collection);
  }

  void run(const RenameCollection& op) {
    Collection moved = at(op.collection);
    if (moved.is_view() || moved.is_timeseries()) refuse("a view or time series can't be renamed");
    if (collections_.contains(op.to) && !op.drop_target) refuse(op.to + " exists");
    collections_.erase(op.collection);
    moved.name = op.to;
    collections_[op.to] = moved;
  }

  void run(const CreateIndexes& op) {
    Collection& collection = at(op.collection);
    if (collection.is_view()) refuse("an index on a view");
    for (const Document& specification : op.indexes) {
      const auto index = canonical_index(specification, collection.options, IndexSource::specification);
      if (!index) refuse("an index that isn't managed");
      for (const Index& other : collection.indexes) {
        if (other == *index) refuse("the index " + std::string(index->name()) + " is there already");
        if (other.name() == index->name()) refuse("another index is called " + std::string(index->name()));
        const auto part = [](const Index& of, const char* name) { return of.spec.document(name); };
        if (part(other, "key") == part(*index, "key") && part(other, "collation") == part(*index, "collation") &&
            part(other, "partialFilterExpression") == part(*index, "partialFilterExpression"))
          refuse("the same index is called " + std::string(other.name()));
      }
      collection.indexes.push_back(*index);
    }
  }

  void run(const DropIndexes& op) {
    Collection& collection = at(op.collection);
    const std::string name = op.index.string("index").value_or("");
    if (std::erase_if(collection.indexes, [&](const Index& index) { return index.name() == name; }) == 0)
      refuse("no index " + name);
  }

  void run(const ModifyCollection& op) {
    Collection& collection = at(op.collection);
    std::map<std::string, Document> options;  // each {name: value}
    for (const Field& field : collection.options.fields()) options[std::string(field.key())] = Document().add(field);
    for (const Field& change : op.changes.fields()) {
      const std::string name(change.key());
      if (name == "index") {
        modify_index(collection, *change.document());
      } else if (name == "cappedSize" || name == "cappedMax") {
        if (!collection.options.has("capped")) refuse("not capped");
        const std::string option = name == "cappedSize" ? "size" : "max";
        options[option] = Document().add(option, change);
      } else if (name == "timeseries") {
        Document timeseries;
        const Document before = *collection.options.document("timeseries");
        const Document changes = *change.document();
        for (const Field& field : before.fields())
          if (field.key() == "timeField" || field.key() == "metaField") timeseries.add(field);
        timeseries.add_all(changes);
        options["timeseries"] = Document().add("timeseries", timeseries);
      } else {
        options[name] = Document().add(change);
      }
    }
    Document all;
    for (const auto& [name, option] : options) all.add_all(option);
    collection.options = canonical_options(all);
  }

  static void modify_index(Collection& collection, const Document& change) {
    const std::string name = change.string("name").value_or("");
    const auto found = std::ranges::find(collection.indexes, name, &Index::name);
    if (found == collection.indexes.end()) refuse("no index " + name);
    if (change.has("unique") && !found->spec.boolean("prepareUnique").value_or(false)) refuse("not prepared");
    Document spec;
    for (const Field& field : found->spec.fields()) {
      if (change.has(field.key()) && field.key() != "name") continue;
      if (field.key() == "prepareUnique" && change.has("unique")) continue;
      spec.add(field);
    }
    const auto changes = change.fields();
    for (const Field& field : changes)
      if (field.key() != "name") spec.add(field);
    *found = *canonical_index(spec, collection.options, IndexSource::specification);
  }

  void run(const Write& op) {
    Collection& collection = at(op.collection);
    for (const Document& statement : op.statements) {
      if (op.verb == Write::Verb::insert) {
        if (DocumentsById(collection.data).find(*statement.find("_id")) != nullptr) refuse("duplicate key");
        collection.data.push_back(statement);
        continue;
      }
      const Document query = *statement.document("q");
      const Document* there = DocumentsById(collection.data).find(*query.find("_id"));
      if (there == nullptr) refuse("no such document");
      const auto former = query.document("$expr.$eq.1.$literal");
      if (!former || !same_document(*former, *there)) refuse("a document that isn't what the statement asks for");
      const auto at = collection.data.begin() + (there - collection.data.data());
      if (op.verb == Write::Verb::remove) {
        collection.data.erase(at);
      } else {
        *at = *statement.document("u");
      }
    }
  }

  void run(const RunCommand& op) {
    const Document& command = op.command;
    if (const auto name = command.string("aggregate")) {
      const std::string into = *command.documents("pipeline").front().string("$merge.into");
      at(into).data = at(*name).data;
    } else if (const auto sharded = command.string("shardCollection")) {
      Document key;
      for (const Field& field : command.fields())
        if (field.key() != "shardCollection") key.add(field);
      at(*sharded).shard_key = key;
    } else if (const auto unsharded = command.string("unshardCollection")) {
      at(*unsharded).shard_key = Document();
    }
  }

  std::map<std::string, Collection> collections_;
};

// The schema after what isn't held back has run.
inline Schema after(const Schema& before, const std::vector<Paragraph>& paragraphs) {
  SchemaDatabase database(before);
  for (const Paragraph& paragraph : paragraphs)
    if (!paragraph.held_back)
      for (const Operation& operation : paragraph.operations) database.apply(operation);
  return database.schema();
}

}  // namespace treering
