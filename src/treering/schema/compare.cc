// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "treering/schema/documents_by_id.h"

namespace treering {
namespace {

using Kind = Difference::Kind;
using What = Difference::What;

// A value on one line, as text as it is.
std::string text_of(const Field& field) {
  if (const auto text = field.string()) return *text;
  // Of the many spellings of a number the shortest: 0.1, not what the nearest double is.
  if (field.type() == BSON_TYPE_DOUBLE) return fmt::format("{}", *field.number());
  const std::string json = Document().add("v", field).json();  // { "v" : VALUE }
  return json.substr(8, json.size() - 10);
}

// Short enough for a list; "" where it isn't.
std::string shown(const Field& field) {
  constexpr std::size_t kLongest = 60;
  std::string text = text_of(field);
  return text.size() > kLongest && !field.string() ? "" : text;
}

std::string id_text(const Document& document) {
  const auto id = document.find("_id");
  return id ? text_of(*id) : "";
}

std::string index_detail(const Index& from, const Index& to) {
  const bool in_place = index_change(from, to) == IndexChange::modify;
  std::vector<std::string> parts;
  const auto set = [](const Index& index, std::string_view name) { return index.spec.boolean(name).value_or(false); };
  if (set(to, "unique") != set(from, "unique"))
    parts.emplace_back(set(to, "unique") ? "becomes unique" : "is unique no more");
  if (set(to, "hidden") != set(from, "hidden"))
    parts.emplace_back(set(to, "hidden") ? "becomes hidden" : "is hidden no more");
  if (from.spec.document("key") != to.spec.document("key"))
    parts.push_back(fmt::format("key {} -> {}", from.key().json(), to.key().json()));
  const auto other = [&](const Field& field, const Index& in) {
    const std::string_view name = field.key();
    if (name == "unique" || name == "hidden" || name == "key" || name == "name") return;
    const auto before = from.spec.find(name);
    const auto after = to.spec.find(name);
    if (before && after && (&in == &from || same_value(*before, *after))) return;
    if (before && after) {
      const std::string left = shown(*before);
      const std::string right = shown(*after);
      parts.push_back(left.empty() || right.empty() ? fmt::format("{} changes", name)
                                                    : fmt::format("{} {} -> {}", name, left, right));
    } else {
      parts.push_back(fmt::format("{} {}", after ? "gets" : "loses", name));
    }
  };
  for (const Field& field : from.spec.fields()) other(field, from);
  for (const Field& field : to.spec.fields()) other(field, to);
  std::string text;
  for (const std::string& part : parts) text.append(text.empty() ? "" : ", ").append(part);
  return text + (in_place ? " (collMod, no rebuild)" : " (dropped and built again)");
}

class Comparison {
 public:
  Comparison(const Schema& from, const Schema& to, const std::vector<Rename>& renames) : from_(from), to_(to) {
    for (const Rename& rename : renames) {
      former_[rename.to] = rename.from;
      later_[rename.from] = rename.to;
    }
  }

  std::vector<Difference> run() {
    for (const Collection& collection : to_.collections()) {
      const auto former = former_.find(collection.name);
      const Collection* before =
          from_.find(former == former_.end() ? std::string_view(collection.name) : former->second);
      if (former == former_.end() && later_.contains(collection.name)) before = nullptr;  // another, that moves away
      if (former != former_.end()) add(Kind::renamed, What::collection, collection.name, before->name);
      if (before == nullptr) {
        whole(Kind::added, collection);
      } else {
        compare(*before, collection);
      }
    }
    for (const Collection& collection : from_.collections())
      if (to_.find(collection.name) == nullptr && !later_.contains(collection.name)) whole(Kind::removed, collection);
    return std::move(result_);
  }

 private:
  void add(Kind kind, What what, const std::string& collection, std::string name = {}, std::string detail = {}) {
    result_.push_back({kind, what, collection, std::move(name), std::move(detail)});
  }

  void whole(Kind kind, const Collection& collection) {
    add(kind, collection.is_view() ? What::view : What::collection, collection.name);
    for (const Index& index : collection.indexes) add(kind, What::index, collection.name, std::string(index.name()));
    for (const Document& document : collection.data) add(kind, What::document, collection.name, id_text(document));
    if (!collection.shard_key.empty()) add(kind, What::shard_key, collection.name);
  }

  void compare(const Collection& from, const Collection& to) {
    compare_options(from, to);
    if (from.indexes != to.indexes) compare_indexes(from, to);
    if (!from.data.empty() || !to.data.empty()) compare_data(from, to);
    if (from.shard_key == to.shard_key) return;
    const Kind kind = from.shard_key.empty() ? Kind::added : to.shard_key.empty() ? Kind::removed : Kind::changed;
    add(kind, What::shard_key, to.name);
  }

  void compare_options(const Collection& from, const Collection& to) {
    if (from.options == to.options) return;
    for (const Field& field : to.options.fields()) {
      const auto before = from.options.find(field.key());
      const std::string name(field.key());
      if (!before) {
        add(Kind::added, What::option, to.name, name, shown(field));
      } else if (!same_value(*before, field)) {
        const std::string left = shown(*before);
        const std::string right = shown(field);
        add(Kind::changed, What::option, to.name, name,
            left.empty() || right.empty() ? "" : fmt::format("{} -> {}", left, right));
      }
    }
    for (const Field& field : from.options.fields())
      if (!to.options.has(field.key())) add(Kind::removed, What::option, to.name, std::string(field.key()));
  }

  void compare_indexes(const Collection& from, const Collection& to) {
    for (const Index& index : to.indexes) {
      const Index* before = from.find_index(index.name());
      const std::string name(index.name());
      if (before == nullptr) {
        add(Kind::added, What::index, to.name, name);
      } else if (*before != index) {
        add(Kind::changed, What::index, to.name, name, index_detail(*before, index));
      }
    }
    for (const Index& index : from.indexes)
      if (to.find_index(index.name()) == nullptr) add(Kind::removed, What::index, to.name, std::string(index.name()));
  }

  void compare_data(const Collection& from, const Collection& to) {
    const DocumentsById earlier(from.data);
    const DocumentsById later(to.data);
    for (const Document& document : to.data) {
      const auto id = document.find("_id");
      const Document* before = id ? earlier.find(*id) : nullptr;
      if (before == nullptr) {
        add(Kind::added, What::document, to.name, id_text(document));
      } else if (!same_document(*before, document)) {
        add(Kind::changed, What::document, to.name, id_text(document));
      }
    }
    for (const Document& document : from.data) {
      const auto id = document.find("_id");
      if (!id || later.find(*id) == nullptr) add(Kind::removed, What::document, to.name, id_text(document));
    }
  }

  const Schema& from_;
  const Schema& to_;
  std::unordered_map<std::string_view, std::string_view> former_;
  std::unordered_map<std::string_view, std::string_view> later_;
  std::vector<Difference> result_;
};

}  // namespace

std::string_view to_string(Difference::Kind kind) {
  switch (kind) {
    case Kind::added:
      return "added";
    case Kind::removed:
      return "removed";
    case Kind::changed:
      return "changed";
    case Kind::renamed:
      break;
  }
  return "renamed";
}

std::string_view to_string(Difference::What what) {
  switch (what) {
    case What::collection:
      return "collection";
    case What::view:
      return "view";
    case What::index:
      return "index";
    case What::option:
      return "option";
    case What::document:
      return "document";
    case What::shard_key:
      break;
  }
  return "shard_key";
}

std::vector<Difference> differences(const Schema& from, const Schema& to, const std::vector<Rename>& renames) {
  return Comparison(from, to, renames).run();
}

std::string name_of(const Difference& difference) {
  switch (difference.what) {
    case What::collection:
    case What::view:
      return fmt::format("{} {}", to_string(difference.what), difference.collection);
    case What::index:
      return fmt::format("index {}.{}", difference.collection, difference.name);
    case What::option:
      return fmt::format("option {} of {}", difference.name, difference.collection);
    case What::document:
      return fmt::format("document {} of {}", difference.name, difference.collection);
    case What::shard_key:
      break;
  }
  return fmt::format("shard key of {}", difference.collection);
}

}  // namespace treering
