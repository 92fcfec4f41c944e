// SPDX-License-Identifier: Apache-2.0
// In this order:
//   1. a validator that changes is switched off, where documents change too;
//   2. initial data and indexes: data first, unless a unique index goes, which the new data might offend;
//   3. of the indexes: changes by collMod, then new ones, then those that go; what can't stand beside a new one goes
//      before it;
//   4. options, the validator among them.
#include "treering/schema/collection_steps.h"

#include <algorithm>
#include <utility>

#include "treering/schema/documents_by_id.h"
#include "treering/schema/same_field.h"
#include "treering/schema/steps.h"

namespace treering {
namespace {

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
  CollectionSteps(const Collection& from, const Collection& to)
      : from_(from), to_(to), before_(from.data), after_(to.data) {}

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
    return !std::ranges::all_of(to_.data, [&](const Document& document) { return before_.holds(document); }) ||
           !std::ranges::all_of(from_.data, [&](const Document& document) { return after_.holds(document); });
  }

  // Only a document that is what it was is ours to change: in another database somebody may have edited it. Compared
  // as a whole, since conditions on its fields would overlook one that was added, and can't name every field.
  static Document still(const Document& former) {
    const Document literal = Document().add("$literal", former);
    Document all;
    all.add("0", "$$ROOT").add("1", literal);
    return Document().add(*former.find("_id")).add("$expr", Document().add_array("$eq", all));
  }

  // The collection's collation may take a document for the same that was edited.
  Document of_same_letters(Document statement) const {
    if (to_.options.has("collation")) statement.add("collation", Document().add("locale", "simple"));
    return statement;
  }

  void add_data() {
    // A model may have documents that its own validator refuses; creating the collection takes them too.
    Document options;
    if (from_.options.has("validator") && !validator_is_off_) options.add("bypassDocumentValidation", true);
    Write remove{Write::Verb::remove, to_.name, {}, {}};
    Write replace{Write::Verb::update, to_.name, {}, options};
    Write insert{Write::Verb::insert, to_.name, {}, options};
    for (const Document& document : from_.data)
      if (const auto id = document.find("_id"); id && after_.find(*id) == nullptr)
        remove.statements.push_back(of_same_letters(Document().add("q", still(document)).add("limit", 1)));
    for (const Document& document : to_.data) {
      const auto id = document.find("_id");
      const Document* before = id ? before_.find(*id) : nullptr;
      if (before == nullptr) {
        insert.statements.push_back(document);
      } else if (!same_document(*before, document)) {
        replace.statements.push_back(of_same_letters(Document().add("q", still(*before)).add("u", document)));
      }
    }
    for (Write* write : {&remove, &replace, &insert})
      if (!write->statements.empty()) add(operation(std::move(*write)));
  }

  void add_indexes() {
    for (const auto& [before, after] : modified_) modify_index(*before, *after);
    // Of two that exchange their keys or names neither can be built while the other stands.
    for (const auto& [before, after] : replaced_) leaving_.push_back(before);
    leaving_.insert(leaving_.end(), gone_.begin(), gone_.end());
    for (const auto& [before, after] : replaced_) {
      make_room_for(*after);
      add(create_index(to_.name, *after));
    }
    for (const Index* index : fresh_) {
      make_room_for(*index);
      add(create_index(to_.name, *index));
    }
    for (const Index* index : leaving_) add(drop_index(to_.name, *index));
  }

  void make_room_for(const Index& fresh) {
    std::erase_if(leaving_, [&](const Index* index) {
      if (index->name() != fresh.name() && !excludes(*index, fresh)) return false;
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
  DocumentsById before_;
  DocumentsById after_;
  std::vector<const Index*> fresh_;
  std::vector<const Index*> gone_;
  std::vector<const Index*> leaving_;  // those that go or are built anew, as far as they still stand
  std::vector<std::pair<const Index*, const Index*>> modified_;
  std::vector<std::pair<const Index*, const Index*>> replaced_;
  bool validator_is_off_ = false;
  std::vector<Operation> operations_;
};

}  // namespace

std::vector<Operation> steps_of_collection(const Collection& from, const Collection& to) {
  return CollectionSteps(from, to).operations();
}

}  // namespace treering
