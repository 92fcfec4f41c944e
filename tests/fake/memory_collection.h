// SPDX-License-Identifier: Apache-2.0
// One collection of the server in memory: its documents and indexes, with uniqueness kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fake/bson_query.h"

namespace treering::fake {

class MemoryCollection {
 public:
  explicit MemoryCollection(Document options = {}) : options_(std::move(options)) {
    indexes_.push_back(Document().add("v", 2).add("key", Document().add("_id", 1)).add("name", "_id_"));
  }

  const Document& options() const { return options_; }
  const std::vector<Document>& documents() const { return documents_; }
  const std::vector<Document>& indexes() const { return indexes_; }

  // Each throws code 11000, and changed nothing, where an index forbids it.
  void insert(const Document& document) {
    require_unique(document, documents_.size());
    documents_.push_back(document);
  }
  // True where it made a difference.
  bool replace(std::size_t position, const Document& document) {
    require_unique(document, position);
    if (documents_[position] == document) return false;
    documents_[position] = document;
    return true;
  }
  void erase(std::size_t position) { documents_.erase(documents_.begin() + static_cast<std::ptrdiff_t>(position)); }

  std::vector<std::size_t> find(const Document& filter, std::int64_t now_ms, bool all) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < documents_.size() && (all || found.empty()); ++i)
      if (matches(documents_[i], filter, now_ms)) found.push_back(i);
    return found;
  }

  void create_index(const Document& index) {
    require_known(index, {"v", "key", "name", "unique", "sparse"}, "createIndexes.indexes");
    const auto key = index.document("key").value();
    const auto name = index.string("name").value();
    const Document whole = Document().add("v", 2).add_all(without_path(index, "v"));
    for (const Document& other : indexes_) {
      if (other == whole) return;
      if (other.string("name") == name)
        throw refusal(86, "IndexKeySpecsConflict", "an index of that name and other options is there: " + name);
      if (other.document("key") == key)
        throw refusal(85, "IndexOptionsConflict", "an index of those fields is there under another name: " + name);
    }
    if (index.boolean("unique").value_or(false))
      for (std::size_t i = 0; i < documents_.size(); ++i) require_unique_in(whole, documents_[i], i);
    indexes_.push_back(whole);
  }

  // `which`: a name, "*", a key or an array of names.
  void drop_indexes(const Field& which) {
    std::vector<Document> left;
    std::size_t named = which.is_array() ? which.document()->count() : 1;
    for (const Document& index : indexes_) {
      const bool id_index = index.string("name") == "_id_";
      if (id_index || !is_named(index, which)) left.push_back(index);
    }
    if (which.string() != "*" && left.size() + named != indexes_.size())
      throw refusal(kIndexNotFound, "IndexNotFound", "index not found: " + Document().add("index", which).json());
    indexes_ = std::move(left);
  }

 private:
  static bool is_named(const Document& index, const Field& which) {
    if (auto name = which.string()) return *name == "*" || index.string("name") == *name;
    if (!which.is_array()) return index.document("key") == which.document();
    const Document names = *which.document();
    return std::ranges::any_of(names.fields(),
                               [&](const Field& name) { return name.string() == index.string("name"); });
  }

  void require_unique(const Document& document, std::size_t position) const {
    for (const Document& index : indexes_)
      if (index.string("name") == "_id_" || index.boolean("unique").value_or(false))
        require_unique_in(index, document, position);
  }

  void require_unique_in(const Document& index, const Document& document, std::size_t position) const {
    const Document key = *index.document("key");
    const auto fields = key.fields();
    const bool sparse = index.boolean("sparse").value_or(false);
    if (sparse && std::ranges::none_of(fields, [&](const Field& field) { return document.has(field.key()); })) return;
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      if (i == position) continue;
      const bool same = std::ranges::all_of(fields, [&](const Field& field) {
        return equal(Value(documents_[i].find(field.key())), Value(document.find(field.key())));
      });
      if (same)
        throw refusal(kDuplicateKey, "DuplicateKey", "E11000 duplicate key error index: " + *index.string("name"));
    }
  }

  Document options_;
  std::vector<Document> documents_;
  std::vector<Document> indexes_;
};

}  // namespace treering::fake
