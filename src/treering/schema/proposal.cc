// SPDX-License-Identifier: Apache-2.0
// Every part of a collection is decided by the same three questions: do the models have it, did they have it before,
// does the database have it? What only the database has, and always had alone, is somebody else's: reported, not
// touched.
#include "treering/schema/proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "treering/schema/canonical.h"
#include "treering/schema/merged_collection.h"
#include "treering/schema/rename_plan.h"

namespace treering {
namespace {

using What = Difference::What;

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
    add_held_back(result_.upgrade, std::move(held_from_), std::move(held_to_));
    // Worth a comment where there is a revision, but no revision: each later one would say it again.
    if (!result_.upgrade.empty()) add_held_back(result_.upgrade, std::move(never_ours_), {});
    result_.downgrade = way_back(from, to);
    add_hints();
    result_.snapshot = said();
    return std::move(result_);
  }

 private:
  void find(Finding::Kind kind, What what, const std::string& collection, const std::string& name, std::string text) {
    result_.findings.push_back({kind, what, collection, name, std::move(text)});
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
    if (found == nullptr && renames_.waiting.contains(model.name)) return;
    if (found == nullptr || (rename == nullptr && renames_.from(former) != nullptr)) return revise(model);
    if (renames_.staying.contains(former)) return settle(*found, *found);
    if (*found == model) return settle(*found, model);
    // Of what the model is now, its former name tells more: another may have had the new one.
    const Collection* before = snapshot_.find(former);
    if (before == nullptr) before = snapshot_.find(model.name);
    static const Collection kNothing;
    Collection merged =
        merged_collection(model, before != nullptr ? *before : kNothing, *found, rules_, result_.findings);
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

  // As much of `to` as can be had while `from` stays: of another kind nothing, as its parts belong together.
  static Collection changed_in_place(const Collection& from, const Collection& to) {
    Collection safe = same_kind(from, to) ? to : from;
    safe.name = to.name;
    if (!same_kind(from, to)) return safe;
    safe.options = modifiable_options(from, to);
    // The collation that an index inherits is the collection's, which stays as it is.
    for (Index& index : safe.indexes) {
      Document specification;
      specification.add("key", index.key()).add("name", index.name()).add_all(index.options());
      if (auto fitted = canonical_index(specification, safe.options, IndexSource::specification)) index = *fitted;
    }
    return safe;
  }

  static std::string held_back_text(const Collection& found, const Collection& wanted) {
    const std::string_view kind = found.is_timeseries() ? "time series" : "collection";
    const std::string_view way =
        options_change(found, wanted) == OptionsChange::rebuild ? "building it anew" : "dropping it with its documents";
    const std::string what = same_kind(found, wanted)
                                 ? "can be given its options"
                                 : fmt::format("can become a {}", wanted.is_view()         ? "view"
                                                                  : wanted.is_timeseries() ? "time series"
                                                                                           : "plain collection");
    return fmt::format("{} {} {} only by {} (not done; --allow-drop-collections does it)", kind, wanted.name, what,
                       way);
  }

  void hold_back_rebuild(const Collection& model, const Collection* before, const Collection& found,
                         Collection merged) {
    find(Finding::Kind::held_back, What::collection, model.name, "", held_back_text(found, merged));
    Collection safe = changed_in_place(found, merged);
    // Said in a revision before: there is no need to say it in each.
    const bool is_news = before == nullptr || before->options != model.options;
    if (is_news) {
      held_from_.push_back(safe);
      held_to_.push_back(std::move(merged));
    }
    revise(std::move(safe));
  }

  static void add_held_back(std::vector<Paragraph>& paragraphs, std::vector<Collection> from,
                            std::vector<Collection> to) {
    for (Paragraph& paragraph : steps_between(Schema(std::move(from)), Schema(std::move(to)))) {
      paragraph.held_back = true;
      paragraphs.push_back(std::move(paragraph));
    }
  }

  // What the upgrade did by collMod may be had back only by a drop: the rest of that collection goes back all the same.
  std::vector<Paragraph> way_back(const Schema& from, const Schema& to) const {
    std::vector<Rename> back;
    for (const Rename& rename : result_.renames) back.push_back({rename.to, rename.from});
    std::vector<Collection> reached;
    std::vector<Collection> held_from;
    std::vector<Collection> held_to;
    for (const Collection& former : from.collections()) {
      reached.push_back(former);
      const Rename* rename = renames_.from(former.name);
      const Collection* now = to.find(rename == nullptr ? former.name : rename->to);
      const bool is_another = now == nullptr || (rename == nullptr && renames_.to(now->name) != nullptr);
      if (rules_.allow_drop_collections || is_another || former.is_view() || !destroys(*now, former)) continue;
      reached.back() = changed_in_place(*now, former);
      held_from.push_back(reached.back());
      held_to.push_back(former);
    }
    std::vector<Paragraph> paragraphs = steps_between(to, Schema(std::move(reached)), back);
    add_held_back(paragraphs, std::move(held_from), std::move(held_to));
    return paragraphs;
  }

  // What the models are known to have said when this revision is behind us: what it holds back is still to come.
  Schema said() const {
    const auto is_open = [&](const std::string& name) {
      return std::ranges::any_of(renames_.refused, [&](const RefusedRename& refused) {
        return refused.rename.from == name || refused.rename.to == name;
      });
    };
    std::vector<Collection> collections;
    for (const Collection& model : models_.collections())
      if (!is_open(model.name)) collections.push_back(model);
    for (const Collection& former : snapshot_.collections()) {
      const bool is_kept = std::ranges::find(kept_, former.name) != kept_.end();
      if (!is_kept && !is_open(former.name)) continue;
      collections.push_back(former);
      collections.back().is_held_back = is_kept;
    }
    return Schema(std::move(collections));
  }

  void decide_without_model(const Collection& found) {
    if (renames_.staying.contains(found.name)) return settle(found, found);
    const Collection* before = snapshot_.find(found.name);
    const bool was_ours = before != nullptr || renames_.views.contains(found.name);
    const What what = found.is_view() ? What::view : What::collection;
    if (!was_ours && !rules_.include_unmanaged) {
      const char* kind = found.is_timeseries()         ? "time series"
                         : found.options.has("capped") ? "capped collection"
                         : found.is_view()             ? "view"
                                                       : "collection";
      result_.findings.push_back(unmanaged_part(what, found.name, "", fmt::format("{} {}", kind, found.name)));
      settle(found, found);
      return;
    }
    if (was_ours && (!found.indexes.empty() || !found.data.empty())) gone_.push_back(&found);
    if (found.is_view() || rules_.allow_drop_collections) return;
    settle(found, found);
    keep(found, before);
  }

  // In the first revision that comes to it, the drop is a comment.
  void keep(const Collection& found, const Collection* before) {
    const bool is_news = before != nullptr && !before->is_held_back;
    find(before == nullptr || is_news ? Finding::Kind::held_back : Finding::Kind::kept, What::collection, found.name,
         "",
         fmt::format("collection {} is in {} (not dropped; --allow-drop-collections drops it)", found.name,
                     before == nullptr ? "the database and in no model" : "no model any more"));
    if (before != nullptr) kept_.push_back(found.name);
    if (is_news) held_from_.push_back(found);
    if (before == nullptr) never_ours_.push_back(found);
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
  std::vector<std::string> kept_;  // in no model any more, and not dropped
  std::vector<Collection> held_from_;
  std::vector<Collection> held_to_;
  std::vector<Collection> never_ours_;  // nor dropped, though --include-unmanaged asks for it
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
    case Finding::Kind::kept:
      return "kept";
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
