// SPDX-License-Identifier: Apache-2.0
// Which labels hold where. A label holds for all descendants of the revision that declares it, and for its ancestors as
// long as neither they nor it are a branch or merge point. So a chain of plain revisions (one parent at most, one child
// at most) has one set of labels: what its lowest one inherits, and all that its members declare. Sets are shared: a
// label at the base of 10,000 revisions is stored once.
#include "treering/history/graph_data.h"

namespace treering {
namespace {

class LabelSpread {
 public:
  explicit LabelSpread(GraphData& data) : data_(data) { data_.label_sets.emplace_back(); }

  void run() {
    for (const Number number : data_.order) place(number);
    for (std::size_t i = 0; i < data_.nodes.size(); ++i) data_.nodes[i].label_set = groups_[group_of_[i]].set;
  }

 private:
  struct Group {
    std::size_t set = 0;
    bool owned = false;  // no other group uses the set
  };

  bool is_plain(Number number) const {
    return data_.nodes[number].parents.size() < 2 && data_.nodes[number].children.size() < 2;
  }

  void place(Number number) {
    const GraphData::Node& node = data_.nodes[number];
    if (is_plain(number) && !node.parents.empty() && is_plain(node.parents[0])) {
      group_of_[number] = group_of_[node.parents[0]];
    } else {
      group_of_[number] = groups_.size();
      groups_.push_back({node.parents.empty() ? 0 : set_of(node.parents[0]), false});
      for (const Number parent : node.parents)
        if (set_of(parent) != groups_.back().set)
          for (const std::string& label : data_.label_sets[set_of(parent)]) add(groups_.back(), label);
    }
    for (const std::string& label : data_.revisions[number].labels) add(groups_[group_of_[number]], label);
  }

  std::size_t set_of(Number number) const { return groups_[group_of_[number]].set; }

  void add(Group& group, const std::string& label) {
    if (data_.label_sets[group.set].contains(label)) return;
    if (!group.owned) {
      data_.label_sets.push_back(std::set<std::string>(data_.label_sets[group.set]));
      group = {data_.label_sets.size() - 1, true};
    }
    data_.label_sets[group.set].insert(label);
  }

  GraphData& data_;
  std::vector<Group> groups_;
  std::vector<std::size_t> group_of_ = std::vector<std::size_t>(data_.nodes.size());
};

}  // namespace

void spread_labels(GraphData& data) { LabelSpread(data).run(); }

}  // namespace treering
