// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/rename_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace treering {
namespace {

class Planner {
 public:
  Planner(const Schema& snapshot, const Schema& models, const Schema& live)
      : snapshot_(snapshot), models_(models), live_(live) {
    for (const Collection& model : models.collections())
      if (!model.renamed_from.empty() && model.renamed_from != model.name)
        heirs_.emplace(model.renamed_from, &model);  // of two that claim one collection the first gets it
  }

  RenamePlan run() {
    for (const Collection& model : models_.collections()) {
      if (heir_of(model.renamed_from) != &model || !has(live_, model.renamed_from)) continue;
      switch (state_of(model)) {
        case State::wanted:
          rename(model);
          break;
        case State::in_a_circle:
          refuse(model,
                 "as the names go round in a circle (write these renames by hand, by way of a third name, and take "
                 "__renamed_from__ out of the models)");
          break;
        case State::blocked:
          refuse(model,
                 "which is there already (move the documents in a revision of your own, or drop what is in the way, "
                 "and generate again; if it was renamed before, take __renamed_from__ out of the model)");
          break;
        case State::behind_a_timeseries:
          refuse(model, "where a time series stays that no server renames (settle that first, and generate again)");
          break;
        case State::made:
          break;
      }
    }
    return std::move(plan_);
  }

 private:
  enum class State { wanted, blocked, in_a_circle, behind_a_timeseries, made };

  static bool has(const Schema& schema, const std::string& name) { return schema.find(name) != nullptr; }

  const Collection* heir_of(const std::string& name) const {
    const auto found = heirs_.find(name);
    return found == heirs_.end() ? nullptr : found->second;
  }

  // Follows the names that have to be free: the last of them decides.
  State state_of(const Collection& model) const {
    const Collection* last = &model;
    for (std::size_t steps = 0; steps < heirs_.size(); ++steps) {
      if (!has(live_, last->name)) {
        const bool is_new = !has(models_, last->renamed_from) || !has(snapshot_, last->name);
        return is_new ? State::wanted : State::made;
      }
      const Collection* next = heir_of(last->name);
      if (next == &model) return State::in_a_circle;
      if (next == nullptr) break;
      if (live_.find(last->name)->is_timeseries()) return State::behind_a_timeseries;
      last = next;
    }
    return was_made(*last) ? State::made : State::blocked;
  }

  // Both names are there. If the former name is another model's now, or never was ours, a snapshot that knows the new
  // one says that the rename lies behind us.
  bool was_made(const Collection& model) const {
    const bool still_ours = has(snapshot_, model.renamed_from) && !has(models_, model.renamed_from);
    return has(snapshot_, model.name) && !still_ours;
  }

  void rename(const Collection& model) {
    const Collection& found = *live_.find(model.renamed_from);
    if (found.is_view()) {
      plan_.views.insert(found.name);
    } else if (found.is_timeseries()) {
      plan_.waiting.insert(model.name);
      refuse(model,
             "as no server renames a time series (make the new one and copy the documents in a revision of your own, "
             "or keep the name)");
    } else {
      plan_.renames.push_back({found.name, model.name});
    }
  }

  void refuse(const Collection& model, std::string_view why) {
    plan_.refused.push_back({{model.renamed_from, model.name},
                             fmt::format("collection {} to {}, {}", model.renamed_from, model.name, why)});
    plan_.staying.insert(model.renamed_from);
  }

  const Schema& snapshot_;
  const Schema& models_;
  const Schema& live_;
  std::unordered_map<std::string, const Collection*> heirs_;  // by the former name
  RenamePlan plan_;
};

}  // namespace

const Rename* RenamePlan::to(std::string_view name) const {
  const auto found = std::ranges::find(renames, name, &Rename::to);
  return found == renames.end() ? nullptr : &*found;
}

const Rename* RenamePlan::from(std::string_view name) const {
  const auto found = std::ranges::find(renames, name, &Rename::from);
  return found == renames.end() ? nullptr : &*found;
}

RenamePlan plan_renames(const Schema& snapshot, const Schema& models, const Schema& live) {
  return Planner(snapshot, models, live).run();
}

}  // namespace treering
