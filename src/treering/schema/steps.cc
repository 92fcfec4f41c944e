// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/steps.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "treering/schema/collection_steps.h"

namespace treering {
namespace {

constexpr std::string_view kRebuildPrefix = "treering_rebuild.";

Operation operation(decltype(Operation::body) body) { return {"", std::move(body)}; }

bool is_validation(std::string_view option) { return option.starts_with("validat"); }

Collection without_validation(Collection collection) {
  Document options;
  for (const Field& field : collection.options.fields())
    if (!is_validation(field.key())) options.add(field);
  collection.options = options;
  return collection;
}

// Creation is the change of a collection that has nothing yet; its options come with it, but for a validator that its
// own initial data would have to pass.
std::vector<Operation> creation(const Collection& collection) {
  Collection bare;
  bare.name = collection.name;
  const bool validator_waits = !collection.data.empty() && collection.options.has("validator");
  bare.options = validator_waits ? without_validation(collection).options : collection.options;
  std::vector<Operation> operations{operation(CreateCollection{collection.name, bare.options})};
  // Sharded while it is empty: no document has to move.
  Collection sharded = bare;
  sharded.shard_key = collection.shard_key;
  std::ranges::move(steps_of_collection(bare, sharded), std::back_inserter(operations));
  std::ranges::move(steps_of_collection(sharded, collection), std::back_inserter(operations));
  return operations;
}

std::vector<Operation> rebuilding(const Collection& from, const Collection& to) {
  Collection copy = to;
  copy.name = std::string(kRebuildPrefix) + to.name;
  copy.data.clear();  // comes with the copied documents; what changed about it follows
  Collection moved = to;
  moved.data = from.data;
  // Documents that the validator refuses are there already, and stay.
  const Collection unchecked = without_validation(copy);
  std::vector<Operation> operations = creation(unchecked);
  Document merge;
  merge.add("into", copy.name);
  Document command;
  command.add("aggregate", to.name)
      .add_array("pipeline", std::vector<Document>{Document().add("$merge", merge)})
      .add("cursor", Document());
  operations.push_back(operation(RunCommand{command}));
  std::ranges::move(steps_of_collection(unchecked, copy), std::back_inserter(operations));
  operations.push_back(operation(RenameCollection{copy.name, to.name, true}));
  std::ranges::move(steps_of_collection(moved, to), std::back_inserter(operations));
  return operations;
}

std::vector<Operation> replacing(const Collection& from, const Collection& to) {
  std::vector<Operation> operations{operation(DropCollection{from.name})};
  std::ranges::move(creation(to), std::back_inserter(operations));
  return operations;
}

class Steps {
 public:
  Steps(const Schema& from, const Schema& to, const std::vector<Rename>& renames) : from_(from), to_(to) {
    for (const Rename& rename : renames) {
      former_[rename.to] = rename.from;
      later_[rename.from] = rename.to;
    }
  }

  std::vector<Paragraph> paragraphs() {
    for (const Collection& collection : to_.collections()) arrive_at(collection);
    for (const Collection& collection : from_.collections())
      if (to_.find(collection.name) == nullptr && !later_.contains(collection.name)) drop(collection.name);
    return std::move(paragraphs_);
  }

 private:
  void arrive_at(const Collection& to) {
    const auto former = former_.find(to.name);
    make_way(former == former_.end() ? std::string_view(to.name) : former->second);
    if (former != former_.end()) {
      Collection renamed = *from_.find(former->second);
      renamed.name = to.name;
      change(renamed, to);
    } else if (const Collection* from = from_.find(to.name); from != nullptr && !later_.contains(to.name)) {
      change(*from, to);
    } else {
      add(Change::create, to, creation(to));
    }
  }

  // What shall be called otherwise is renamed, what has its new name going before it. REQUIRES: no circle of renames.
  void make_way(std::string_view name) {
    const auto later = later_.find(name);
    if (later == later_.end() || !moved_.insert(name).second) return;
    make_way(later->second);
    if (!later_.contains(later->second) && from_.find(later->second) != nullptr) drop(later->second);
    add(Change::rename, *from_.find(name),
        {operation(RenameCollection{std::string(name), std::string(later->second), false})});
    paragraphs_.back().to = later->second;
  }

  void drop(std::string_view name) {
    if (!dropped_.insert(name).second) return;
    add(Change::drop, *from_.find(name), {operation(DropCollection{std::string(name)})});
  }

  void change(const Collection& from, const Collection& to) {
    if (from == to) return;
    const OptionsChange change = options_change(from, to);
    if (change == OptionsChange::rebuild) {
      add(Change::rebuild, to, rebuilding(from, to));
    } else if (change == OptionsChange::replace) {
      add(Change::replace, to, replacing(from, to));
      paragraphs_.back().dropped = kind_of(from);
    } else if (std::vector<Operation> operations = steps_of_collection(from, to); !operations.empty()) {
      add(Change::change, to, std::move(operations));
    }
  }

  void add(Change change, const Collection& collection, std::vector<Operation> operations) {
    Paragraph paragraph;
    paragraph.change = change;
    paragraph.collection = collection.name;
    paragraph.is_view = collection.is_view();
    paragraph.dropped = kind_of(collection);
    paragraph.operations = std::move(operations);
    paragraphs_.push_back(std::move(paragraph));
  }

  const Schema& from_;
  const Schema& to_;
  std::unordered_map<std::string_view, std::string_view> former_;
  std::unordered_map<std::string_view, std::string_view> later_;
  std::unordered_set<std::string_view> moved_;
  std::unordered_set<std::string_view> dropped_;
  std::vector<Paragraph> paragraphs_;
};

}  // namespace

CollectionKind kind_of(const Collection& collection) {
  if (collection.is_view()) return CollectionKind::view;
  return collection.is_timeseries() ? CollectionKind::time_series : CollectionKind::collection;
}

std::vector<Paragraph> steps_between(const Schema& from, const Schema& to, const std::vector<Rename>& renames) {
  return Steps(from, to, renames).paragraphs();
}

}  // namespace treering
