// SPDX-License-Identifier: Apache-2.0
// One collection at a time; within it, in this order:
//   1. a validator that changes is switched off, where documents change too;
//   2. initial data and indexes: data first, unless a unique index goes, which the new data might offend;
//   3. of the indexes: changes by collMod, then new ones, then those that go; what can't stand beside a new one goes
//      before it;
//   4. options, the validator among them.
#include "treering/schema/steps.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "treering/schema/same_field.h"

namespace treering {
namespace {

constexpr std::string_view kRebuildPrefix = "treering_rebuild.";

Operation operation(decltype(Operation::body) body) { return {"", std::move(body)}; }

Operation create_index(const std::string& collection, const Index& index) {
  Document specification;
  specification.add("key", index.key()).add("name", index.name()).add_all(index.options());
  return operation(CreateIndexes{collection, {specification}, {}});
}

Operation drop_index(const std::string& collection, const Index& index) {
  return operation(DropIndexes{collection, Document().add("index", index.name()), {}});
}

Operation modify(const std::string& collection, const Document& changes) {
  return operation(ModifyCollection{collection, changes});
}

bool is_set(const Index& index, std::string_view name) { return index.spec.boolean(name).value_or(false); }

bool is_text(const Index& index) {
  const Document key = index.key();
  return std::ranges::any_of(key.fields(), [](const Field& field) { return field.string() == "text"; });
}

// What the server tells indexes apart by, whatever their names. One text index a collection is all there can be.
bool excludes(const Index& a, const Index& b) {
  if (is_text(a) && is_text(b)) return true;
  return std::ranges::all_of(std::initializer_list<std::string_view>{"key", "collation", "partialFilterExpression"},
                             [&](std::string_view name) { return same_field(a.spec, b.spec, name); });
}

class CollectionSteps {
 public:
  CollectionSteps(const Collection& from, const Collection& to) : from_(from), to_(to) {}

  std::vector<Operation> operations() {
    find_changes();
    const bool validator_moves = !equal_validation() && from_.options.has("validator");
    if (validator_moves && changes_data()) {
      add(modify(to_.name, Document().add("validationLevel", "off")));
      validator_is_off_ = true;
    }
    const bool unique_goes =
        std::ranges::any_of(gone_, [](const Index* index) { return is_set(*index, "unique"); }) ||
        std::ranges::any_of(replaced_, [](const auto& pair) { return is_set(*pair.first, "unique"); });
    if (!unique_goes) add_data();
    add_indexes();
    if (unique_goes) add_data();
    add_options();
    add_shard_key();
    return std::move(operations_);
  }

 private:
  void add(Operation step) { operations_.push_back(std::move(step)); }

  bool equal_validation() const {
    return !changed("validator") && !changed("validationLevel") && !changed("validationAction");
  }

  void find_changes() {
    for (const Index& index : to_.indexes) {
      const Index* before = from_.find_index(index.name());
      if (before == nullptr) {
        fresh_.push_back(&index);
      } else if (const IndexChange change = index_change(*before, index); change == IndexChange::modify) {
        modified_.emplace_back(before, &index);
      } else if (change == IndexChange::replace) {
        replaced_.emplace_back(before, &index);
      }
    }
    for (const Index& index : from_.indexes)
      if (to_.find_index(index.name()) == nullptr) gone_.push_back(&index);
  }

  bool changes_data() const {
    const auto kept = [](const Collection& in, const Document& document) {
      const auto id = document.find("_id");
      const Document* other = id ? in.find_data(*id) : nullptr;
      return other != nullptr && same_document(*other, document);
    };
    return !std::ranges::all_of(to_.data, [&](const Document& document) { return kept(from_, document); }) ||
           !std::ranges::all_of(from_.data, [&](const Document& document) { return kept(to_, document); });
  }

  void add_data() {
    Write remove{Write::Verb::remove, to_.name, {}, {}};
    Write replace{Write::Verb::update, to_.name, {}, {}};
    Write insert{Write::Verb::insert, to_.name, {}, {}};
    for (const Document& document : from_.data)
      if (const auto id = document.find("_id"); id && to_.find_data(*id) == nullptr)
        remove.statements.push_back(Document().add("q", Document().add(*id)).add("limit", 1));
    for (const Document& document : to_.data) {
      const auto id = document.find("_id");
      const Document* before = id ? from_.find_data(*id) : nullptr;
      if (before == nullptr) {
        insert.statements.push_back(document);
      } else if (!same_document(*before, document)) {
        replace.statements.push_back(Document().add("q", Document().add(*id)).add("u", document));
      }
    }
    for (Write* write : {&remove, &replace, &insert})
      if (!write->statements.empty()) add(operation(std::move(*write)));
  }

  void add_indexes() {
    for (const auto& [before, after] : modified_) modify_index(*before, *after);
    for (const auto& [before, after] : replaced_) {
      make_room_for(*after);
      add(drop_index(to_.name, *before));
      add(create_index(to_.name, *after));
    }
    for (const Index* index : fresh_) {
      make_room_for(*index);
      add(create_index(to_.name, *index));
    }
    for (const Index* index : gone_) add(drop_index(to_.name, *index));
  }

  void make_room_for(const Index& fresh) {
    std::erase_if(gone_, [&](const Index* index) {
      if (!excludes(*index, fresh)) return false;
      add(drop_index(to_.name, *index));
      return true;
    });
  }

  void modify_index(const Index& before, const Index& after) {
    Document changes;
    changes.add("name", after.name());
    if (!same_field(before.spec, after.spec, "expireAfterSeconds")) changes.add(*after.spec.find("expireAfterSeconds"));
    if (is_set(before, "hidden") != is_set(after, "hidden")) changes.add("hidden", is_set(after, "hidden"));
    const bool becomes_unique = is_set(after, "unique") && !is_set(before, "unique");
    const bool prepared = is_set(before, "prepareUnique");
    // The server refuses `unique` without it, and takes it away when it has made the index unique.
    const bool prepares = becomes_unique ? !prepared : prepared != is_set(after, "prepareUnique");
    if (prepares) changes.add("prepareUnique", becomes_unique || is_set(after, "prepareUnique"));
    if (changes.count() > 1) add(modify(to_.name, Document().add("index", changes)));
    if (!becomes_unique) return;
    add(modify(to_.name, Document().add("index", Document().add("name", after.name()).add("unique", true))));
  }

  void add_options() {
    Document changes;
    const auto take = [&](std::string_view name) {
      if (changed(name)) add_option(changes, name);
    };
    for (const std::string_view name : {"changeStreamPreAndPostImages", "expireAfterSeconds", "size", "max"})
      take(name);
    if (changed("timeseries")) changes.add("timeseries", coarser_timeseries());
    if (to_.is_view() && (changed("viewOn") || changed("pipeline"))) {
      changes.add(*to_.options.find("viewOn"));
      changes.add_array("pipeline", to_.options.document("pipeline").value_or(Document()));
    }
    take("validator");
    if (changed("validationLevel") || validator_is_off_) add_option(changes, "validationLevel");
    take("validationAction");
    if (!changes.empty()) add(modify(to_.name, changes));
  }

  bool changed(std::string_view name) const { return !same_field(from_.options, to_.options, name); }

  // The new value, or what stands for none.
  void add_option(Document& changes, std::string_view name) const {
    const auto value = to_.options.find(name);
    if (name == "size" || name == "max") {
      const std::string_view command_name = name == "size" ? "cappedSize" : "cappedMax";
      value ? changes.add(command_name, *value) : changes.add(command_name, 0);
    } else if (value) {
      changes.add(*value);
    } else if (name == "validator") {
      changes.add(name, Document());
    } else if (name == "validationLevel") {
      changes.add(name, "strict");
    } else if (name == "validationAction") {
      changes.add(name, "error");
    } else if (name == "expireAfterSeconds") {
      changes.add(name, "off");
    } else {
      changes.add(name, Document().add("enabled", false));  // changeStreamPreAndPostImages
    }
  }

  Document coarser_timeseries() const {
    const Document timeseries = *to_.options.document("timeseries");
    Document result;
    for (const std::string_view name : {"granularity", "bucketMaxSpanSeconds", "bucketRoundingSeconds"})
      if (const auto value = timeseries.find(name)) result.add(*value);
    if (result.empty()) result.add("granularity", "seconds");
    return result;
  }

  void add_shard_key() {
    if (from_.shard_key == to_.shard_key) return;
    Document command;
    if (to_.shard_key.empty()) {
      command.add("unshardCollection", to_.name);
    } else {
      command.add("shardCollection", to_.name).add_all(to_.shard_key);
    }
    add(operation(RunCommand{command}));
  }

  const Collection& from_;
  const Collection& to_;
  std::vector<const Index*> fresh_;
  std::vector<const Index*> gone_;
  std::vector<std::pair<const Index*, const Index*>> modified_;
  std::vector<std::pair<const Index*, const Index*>> replaced_;
  bool validator_is_off_ = false;
  std::vector<Operation> operations_;
};

bool is_validation(std::string_view option) { return option.starts_with("validat"); }

// Creation is the change of a collection that has nothing yet; its options come with it, but for a validator that its
// own initial data would have to pass.
std::vector<Operation> creation(const Collection& collection) {
  Collection bare;
  bare.name = collection.name;
  const bool validator_waits = !collection.data.empty() && collection.options.has("validator");
  for (const Field& field : collection.options.fields())
    if (!validator_waits || !is_validation(field.key())) bare.options.add(field);
  std::vector<Operation> operations{operation(CreateCollection{collection.name, bare.options})};
  // Sharded while it is empty: no document has to move.
  Collection sharded = bare;
  sharded.shard_key = collection.shard_key;
  std::ranges::move(CollectionSteps(bare, sharded).operations(), std::back_inserter(operations));
  std::ranges::move(CollectionSteps(sharded, collection).operations(), std::back_inserter(operations));
  return operations;
}

std::vector<Operation> rebuilding(const Collection& from, const Collection& to) {
  Collection copy = to;
  copy.name = std::string(kRebuildPrefix) + to.name;
  copy.data.clear();  // comes with the copied documents; what changed about it follows
  Collection moved = to;
  moved.data = from.data;
  std::vector<Operation> operations = creation(copy);
  Document merge;
  merge.add("into", copy.name);
  Document command;
  command.add("aggregate", to.name)
      .add_array("pipeline", std::vector<Document>{Document().add("$merge", merge)})
      .add("cursor", Document());
  operations.push_back(operation(RunCommand{command}));
  operations.push_back(operation(RenameCollection{copy.name, to.name, true}));
  std::ranges::move(CollectionSteps(moved, to).operations(), std::back_inserter(operations));
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
      if (to_.find(collection.name) == nullptr && !later_.contains(collection.name))
        add(Change::drop, collection, {operation(DropCollection{collection.name})});
    return std::move(paragraphs_);
  }

 private:
  void arrive_at(const Collection& to) {
    if (const auto former = former_.find(to.name); former != former_.end()) {
      Collection renamed = *from_.find(former->second);
      add(Change::rename, renamed, {operation(RenameCollection{renamed.name, to.name, false})});
      paragraphs_.back().to = to.name;
      renamed.name = to.name;
      change(renamed, to);
    } else if (const Collection* from = from_.find(to.name); from != nullptr) {
      change(*from, to);
    } else {
      add(Change::create, to, creation(to));
    }
  }

  void change(const Collection& from, const Collection& to) {
    if (from == to) return;
    const OptionsChange change = options_change(from, to);
    if (change == OptionsChange::rebuild) {
      add(Change::rebuild, to, rebuilding(from, to));
    } else if (change == OptionsChange::replace) {
      add(Change::replace, to, replacing(from, to));
    } else if (std::vector<Operation> operations = CollectionSteps(from, to).operations(); !operations.empty()) {
      add(Change::change, to, std::move(operations));
    }
  }

  void add(Change change, const Collection& collection, std::vector<Operation> operations) {
    Paragraph paragraph;
    paragraph.change = change;
    paragraph.collection = collection.name;
    paragraph.is_view = collection.is_view();
    paragraph.operations = std::move(operations);
    paragraphs_.push_back(std::move(paragraph));
  }

  const Schema& from_;
  const Schema& to_;
  std::unordered_map<std::string_view, std::string_view> former_;
  std::unordered_map<std::string_view, std::string_view> later_;
  std::vector<Paragraph> paragraphs_;
};

}  // namespace

std::vector<Paragraph> steps_between(const Schema& from, const Schema& to, const std::vector<Rename>& renames) {
  return Steps(from, to, renames).paragraphs();
}

}  // namespace treering
