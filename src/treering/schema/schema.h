// SPDX-License-Identifier: Apache-2.0
// A MongoDB schema as a value: what models say, what a snapshot says and what a database has become the same `Schema`,
// so that `==` is the comparison. How each source is brought to the one spelling stands in canonical.h. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "treering/base/document.h"

namespace treering {

// An index other than the one on _id.
struct Index {
  // Canonical: "key" and "name", then the options in the order of their names, none of them at its default.
  Document spec;
  // Beside what is compared: the line of the models' file (0: not from models), and the key as the model writes it,
  // where its text fields stand in another order than the canonical one.
  int line = 0;
  std::shared_ptr<const Document> written_key;

  std::string_view name() const;  // valid as long as this index
  Document key() const;           // as written where that is known, else canonical
  Document options() const;       // `spec` without key and name

  friend bool operator==(const Index& a, const Index& b) { return a.spec == b.spec; }
};

struct Collection {
  std::string name;
  Document options;            // of the `create` command; canonical, in the order of their names
  std::vector<Index> indexes;  // in the order of the model, or of the server; compared without order
  std::vector<Document> data;  // initial data: whole documents, "_id" first; of a database: those that models name
  Document shard_key;          // {"key": {...}, "unique": true}; empty where it isn't sharded, or not known to be

  // Beside what is compared; all empty where it isn't from a model.
  std::string renamed_from;
  std::string class_name;
  std::string file;  // relative to the project's root
  int line = 0;

  // Of a snapshot: in no model any more, and a revision said that it isn't dropped.
  bool is_held_back = false;

  bool is_view() const { return options.has("viewOn"); }
  bool is_timeseries() const { return options.has("timeseries"); }
  const Index* find_index(std::string_view index_name) const;  // nullptr where there is none

  // Name, options, indexes, data (numbers by value) and shard key; indexes and data in any order.
  friend bool operator==(const Collection& a, const Collection& b);
};

// Collections, each name once. Their order is for readers (of models: as listed; of a database: by name) and not
// compared.
class Schema {
 public:
  Schema() = default;
  // REQUIRES: no name twice.
  explicit Schema(std::vector<Collection> collections);

  const std::vector<Collection>& collections() const { return collections_; }
  const Collection* find(std::string_view name) const;  // nullptr where there is none; valid as long as this schema
  bool empty() const { return collections_.empty(); }

  friend bool operator==(const Schema& a, const Schema& b);

 private:
  std::vector<Collection> collections_;
  std::unordered_map<std::string_view, std::size_t> places_;

 public:
  Schema(const Schema& other) : Schema(other.collections_) {}
  Schema(Schema&& other) noexcept = default;
  Schema& operator=(Schema other) noexcept;
  ~Schema() = default;
};

// Whether two documents hold the same fields in the same order, numbers compared by value (1, 1.0 and NumberLong(1) are
// one), at every depth. What listCollections, listIndexes and a driver of another language make of a number is no
// difference.
bool same_document(const Document& a, const Document& b);
bool same_value(const Field& a, const Field& b);  // of the values; keys aside

}  // namespace treering
