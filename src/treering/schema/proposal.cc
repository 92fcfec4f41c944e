// SPDX-License-Identifier: Apache-2.0
// Every part of a collection is decided by the same three questions: do the models have it, did they have it before,
// does the database have it? What only the database has, and always had alone, is somebody else's: reported, not
// touched.
#include "treering/schema/proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "treering/schema/canonical.h"
#include "treering/schema/rename_plan.h"

namespace treering {
namespace {

using What = Difference::What;

// Two indexes that the server takes for one, whatever their names.
bool same_but_for_name(const Index& a, const Index& b) {
  return a.spec.document("key") == b.spec.document("key") && a.options() == b.options();
}

Document with_sorted_fields(std::vector<Field> fields) {
  std::ranges::sort(fields, [](const Field& a, const Field& b) { return a.key() < b.key(); });
  Document result;
  for (const Field& field : fields) result.add(field);
  return result;
}

class Proposer {
 public:
  Proposer(const Schema& snapshot, const Schema& models, Schema live, const ProposalRules& rules)
      : snapshot_(snapshot), models_(models), rules_(rules) {
    result_.from = std::move(live);
  }

  Proposal run() {
    safe_.reserve(std::max(models_.collections().size(), result_.from.collections().size()));
    settled_.resize(result_.from.collections().size());
    find_renames();
    for (const Collection& model : models_.collections()) decide(model);
    for (const Collection& found : result_.from.collections())
      if (!is_settled(found) && models_.find(found.name) == nullptr && renames_.from(found.name) == nullptr)
        decide_without_model(found);
    result_.to = Schema(std::move(safe_));
    const Schema from = unsettled();
    const Schema to(std::move(revised_));
    result_.changes = differences(from, to, result_.renames);
    result_.upgrade = steps_between(from, to, result_.renames);
    for (Paragraph& paragraph : steps_between(Schema(std::move(held_from_)), Schema(std::move(held_to_)))) {
      paragraph.held_back = true;
      result_.upgrade.push_back(std::move(paragraph));
    }
    std::vector<Rename> back;
    for (const Rename& rename : result_.renames) back.push_back({rename.to, rename.from});
    result_.downgrade = steps_between(to, from, back);
    for (Paragraph& paragraph : result_.downgrade)
      if (paragraph.change == Change::replace && !paragraph.is_view)
        paragraph.held_back = !rules_.allow_drop_collections;
    add_hints();
    return std::move(result_);
  }

 private:
  void find(Finding::Kind kind, What what, const std::string& collection, const std::string& name, std::string text) {
    result_.findings.push_back({kind, what, collection, name, std::move(text)});
  }

  void unmanaged(What what, const std::string& collection, const std::string& name, const std::string& words) {
    find(Finding::Kind::unmanaged, what, collection, name, words + " is in the database and in no model (left alone)");
  }

  void find_renames() {
    renames_ = plan_renames(snapshot_, models_, result_.from);
    result_.renames = renames_.renames;
    for (const RefusedRename& refused : renames_.refused)
      find(Finding::Kind::not_renamed, What::collection, refused.rename.to, refused.rename.from, refused.text);
  }

  void decide(const Collection& model) {
    const Rename* rename = renames_.to(model.name);
    const std::string& former = rename != nullptr ? rename->from : model.name;
    const Collection* found = result_.from.find(former);
    if (found == nullptr || (rename == nullptr && renames_.from(former) != nullptr)) return revise(model);
    if (renames_.staying.contains(former)) return settle(*found, *found);
    if (*found == model) return settle(*found, model);
    // Of what the model is now, its former name tells more: another may have had the new one.
    const Collection* before = snapshot_.find(former);
    if (before == nullptr) before = snapshot_.find(model.name);
    static const Collection kNothing;
    Collection merged = merge(model, before != nullptr ? *before : kNothing, *found);
    if (!rules_.allow_drop_collections && destroys(*found, merged)) {
      hold_back_rebuild(model, before, *found, merged);
      return;
    }
    revise(std::move(merged));
  }

  std::size_t place_of(const Collection& found) const {
    return static_cast<std::size_t>(&found - result_.from.collections().data());
  }

  bool is_settled(const Collection& found) const { return settled_[place_of(found)]; }

  // The revision leaves it as it is: nothing more is to be compared.
  void settle(const Collection& found, const Collection& as) {
    settled_[place_of(found)] = true;
    safe_.push_back(as);
  }

  void revise(Collection revised) {
    revised_.push_back(revised);
    safe_.push_back(std::move(revised));
  }

  Schema unsettled() const {
    std::vector<Collection> result;
    for (const Collection& found : result_.from.collections())
      if (!is_settled(found)) result.push_back(found);
    return Schema(std::move(result));
  }

  static bool destroys(const Collection& from, const Collection& to) {
    const OptionsChange change = options_change(from, to);
    return change == OptionsChange::rebuild || (change == OptionsChange::replace && !from.is_view());
  }

  void hold_back_rebuild(const Collection& model, const Collection* before, const Collection& found,
                         Collection merged) {
    find(Finding::Kind::held_back, What::collection, model.name, "",
         fmt::format("collection {} can be given its options only by building it anew (not done; "
                     "--allow-drop-collections does it)",
                     model.name));
    Collection safe = merged;
    safe.options = modifiable_options(found, merged);
    if (safe.is_view()) safe.indexes.clear();
    // The collation that an index inherits is the collection's, which stays as it is.
    for (Index& index : safe.indexes) {
      Document specification;
      specification.add("key", index.key()).add("name", index.name()).add_all(index.options());
      if (auto fitted = canonical_index(specification, safe.options, IndexSource::specification)) index = *fitted;
    }
    // Said in a revision before: there is no need to say it in each.
    const bool is_news = before == nullptr || before->options != model.options;
    if (is_news) {
      held_from_.push_back(safe);
      held_to_.push_back(std::move(merged));
    }
    revise(std::move(safe));
  }

  Collection merge(const Collection& model, const Collection& before, const Collection& found) {
    Collection merged = model;
    merged.options = merge_options(model, before, found);
    merge_indexes(merged, before, found);
    merge_data(merged, before, found);
    return merged;
  }

  Document merge_options(const Collection& model, const Collection& before, const Collection& found) {
    std::vector<Field> fields = model.options.fields();
    const std::vector<Field> there = found.options.fields();
    // Of a view or time series that no model has in this form the kind itself is in question, not an option of it.
    const bool same_kind = model.is_view() == found.is_view() && model.is_timeseries() == found.is_timeseries();
    for (const Field& field : there) {
      const std::string name(field.key());
      if (!same_kind || model.options.has(name) || before.options.has(name) || rules_.include_unmanaged) continue;
      fields.push_back(field);
      unmanaged(What::option, model.name, name, fmt::format("option {} of {}", name, model.name));
    }
    return with_sorted_fields(std::move(fields));
  }

  void merge_indexes(Collection& merged, const Collection& before, const Collection& found) {
    std::vector<const Index*> foreign;
    for (const Index& index : found.indexes) {
      const std::string name(index.name());
      if (merged.find_index(name) != nullptr || before.find_index(name) != nullptr || rules_.include_unmanaged)
        continue;
      const bool stands_in_the_way =
          std::ranges::any_of(merged.indexes, [&](const Index& own) { return same_but_for_name(own, index); });
      if (!stands_in_the_way) foreign.push_back(&index);
    }
    for (const Index* index : foreign) {
      unmanaged(What::index, merged.name, std::string(index->name()),
                fmt::format("index {}.{}", merged.name, index->name()));
      merged.indexes.push_back(*index);
    }
  }

  void merge_data(Collection& merged, const Collection& before, const Collection& found) {
    std::vector<Document> data;
    for (const Document& document : merged.data) {
      const Field id = *document.find("_id");
      const Document* there = found.find_data(id);
      const Document* former = before.find_data(id);
      const bool ours =
          there == nullptr || same_document(*there, document) || (former != nullptr && same_document(*former, *there));
      if (!ours) changed_by_hand(merged.name, document);
      data.push_back(ours ? document : *there);
    }
    for (const Document& there : found.data) {
      const Field id = *there.find("_id");
      if (merged.find_data(id) != nullptr) continue;
      const Document* former = before.find_data(id);
      if (former != nullptr && same_document(*former, there)) continue;  // ours, and gone from the models
      if (former != nullptr) changed_by_hand(merged.name, there);
      data.push_back(there);
    }
    merged.data = std::move(data);
  }

  void changed_by_hand(const std::string& collection, const Document& document) {
    const Difference named{Difference::Kind::changed, What::document, collection,
                           document.find("_id")->string().value_or(Document().add(*document.find("_id")).json()), ""};
    find(Finding::Kind::changed_by_hand, What::document, collection, named.name,
         name_of(named) + " was changed in the database (left as it is there)");
  }

  void decide_without_model(const Collection& found) {
    if (renames_.staying.contains(found.name)) return settle(found, found);
    const bool was_ours = snapshot_.find(found.name) != nullptr;
    const What what = found.is_view() ? What::view : What::collection;
    if (!was_ours && !rules_.include_unmanaged) {
      const char* kind = found.is_timeseries()         ? "time series"
                         : found.options.has("capped") ? "capped collection"
                         : found.is_view()             ? "view"
                                                       : "collection";
      unmanaged(what, found.name, "", fmt::format("{} {}", kind, found.name));
      settle(found, found);
      return;
    }
    if (was_ours && (!found.indexes.empty() || !found.data.empty())) gone_.push_back(&found);
    if (found.is_view() || rules_.allow_drop_collections) return;
    find(Finding::Kind::held_back, what, found.name, "",
         fmt::format("collection {} is in no model any more (not dropped; --allow-drop-collections drops it)",
                     found.name));
    settle(found, found);
    held_from_.push_back(found);
  }

  // A collection that came and one that went, with the same indexes or the same data.
  void add_hints() {
    if (gone_.empty()) return;
    for (const Collection& model : models_.collections()) {
      if (result_.from.find(model.name) != nullptr || renames_.to(model.name) != nullptr) continue;
      for (const Collection* former : gone_) {
        Collection alike = model;
        alike.name = former->name;
        if (alike != *former) continue;
        const std::string owner = model.class_name.empty() ? "its model" : "class " + model.class_name;
        find(
            Finding::Kind::hint, What::collection, model.name, former->name,
            fmt::format("{} (gone) and {} (new) look alike: if it was renamed, write __renamed_from__ = \"{}\" into {}",
                        former->name, model.name, former->name, owner));
        break;
      }
    }
  }

  const Schema& snapshot_;
  const Schema& models_;
  const ProposalRules& rules_;
  RenamePlan renames_;
  std::vector<bool> settled_;            // by place in the database's schema
  std::vector<const Collection*> gone_;  // from the models; not empty, so that it may be known again
  std::vector<Collection> safe_;         // what the revision makes
  std::vector<Collection> revised_;      // of these, what isn't so yet
  // Of those that it would make otherwise if everything were allowed: how they are in `safe_`, and how they would be.
  std::vector<Collection> held_from_;
  std::vector<Collection> held_to_;
  Proposal result_;
};

}  // namespace

std::string_view to_string(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::unmanaged:
      return "unmanaged";
    case Finding::Kind::changed_by_hand:
      return "changed_by_hand";
    case Finding::Kind::held_back:
      return "held_back";
    case Finding::Kind::not_renamed:
      return "not_renamed";
    case Finding::Kind::hint:
      break;
  }
  return "hint";
}

Proposal propose(const Schema& snapshot, const Schema& models, Schema live, const ProposalRules& rules) {
  return Proposer(snapshot, models, std::move(live), rules).run();
}

}  // namespace treering
