// SPDX-License-Identifier: Apache-2.0
// One collection of the server in memory: its documents and indexes, with uniqueness kept.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fake/bson_query.h"

namespace treering::fake {

class MemoryCollection {
 public:
  // `uuid`: 0 for one that isn't kept.
  explicit MemoryCollection(Document options = {}, std::int64_t uuid = 0) : options_(std::move(options)), uuid_(uuid) {
    indexes_.push_back(Document().add("v", 2).add("key", Document().add("_id", 1)).add("name", "_id_"));
  }

  const Document& options() const { return options_; }
  std::int64_t uuid() const { return uuid_; }
  const std::vector<Document>& documents() const { return documents_; }
  const std::vector<Document>& indexes() const { return indexes_; }

  // Each throws code 11000 or 121, and changed nothing, where an index or the validator forbids it.
  void insert(const Document& document, std::int64_t now_ms) {
    require_valid(document, now_ms);
    require_unique(document, documents_.size());
    documents_.push_back(document);
  }
  // True where it made a difference.
  bool replace(std::size_t position, const Document& document, std::int64_t now_ms) {
    if (documents_[position] == document) return false;
    require_valid(document, now_ms);
    require_unique(document, position);
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

  // collMod. `changes`: options of the collection, and of one index.
  void modify(const Document& changes) {
    Document options;
    for (const Field& field : options_.fields())
      if (!changes.has(field.key())) options.add(field);
    for (const Field& change : changes.fields())
      if (change.key() != "index") options.add(change);
    if (const auto index = changes.document("index")) modify_index(*index);
    options_ = std::move(options);
  }

  // `which`: a name, "*", a key or an array of names.
  void drop_indexes(const Field& which) {
    if (which.string() == "_id_") throw refusal(72, "InvalidOptions", "cannot drop _id index");
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
  void modify_index(const Document& change) {
    require_known(change, {"name", "keyPattern", "hidden", "prepareUnique", "unique"}, "collMod.index");
    const auto found = std::ranges::find_if(indexes_, [&](const Document& index) {
      return change.has("name") ? index.string("name") == change.string("name")
                                : index.document("key") == change.document("keyPattern");
    });
    if (found == indexes_.end()) throw refusal(kIndexNotFound, "IndexNotFound", "no such index: " + change.json());
    Document modified = *found;
    for (const char* option : {"hidden", "prepareUnique"}) {
      const auto value = change.boolean(option);
      if (!value) continue;
      modified = without_path(modified, option);
      if (*value) modified.add(option, true);
    }
    if (change.boolean("unique").value_or(false)) {
      if (!modified.boolean("prepareUnique").value_or(false))
        throw refusal(72, "InvalidOptions", "an index is prepared with prepareUnique before it is made unique");
      modified = without_path(modified, "prepareUnique").add("unique", true);
      try {
        for (std::size_t i = 0; i < documents_.size(); ++i) require_unique_in(modified, documents_[i], i);
      } catch (const ServerError&) {
        throw refusal(359, "CannotConvertIndexToUnique", "Cannot convert the index to unique: it holds duplicates");
      }
    }
    *found = std::move(modified);
  }

  static bool is_named(const Document& index, const Field& which) {
    if (auto name = which.string()) return *name == "*" || index.string("name") == *name;
    if (!which.is_array()) return index.document("key") == which.document();
    const Document names = *which.document();
    return std::ranges::any_of(names.fields(),
                               [&](const Field& name) { return name.string() == index.string("name"); });
  }

  void require_unique(const Document& document, std::size_t position) const {
    for (const Document& index : indexes_)
      if (index.string("name") == "_id_" || index.boolean("unique").value_or(false) ||
          index.boolean("prepareUnique").value_or(false))
        require_unique_in(index, document, position);
  }

  void require_valid(const Document& document, std::int64_t now_ms) const {
    const auto validator = options_.document("validator");
    if (!validator || options_.string("validationAction").value_or("error") != "error" ||
        options_.string("validationLevel").value_or("strict") != "strict")
      return;
    if (!matches(document, *validator, now_ms))
      throw refusal(121, "DocumentValidationFailure", "Document failed validation");
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
  std::int64_t uuid_;  // stays when it is renamed
  std::vector<Document> documents_;
  std::vector<Document> indexes_;
};

}  // namespace treering::fake
