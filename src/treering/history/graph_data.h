// SPDX-License-Identifier: Apache-2.0
// The inside of a Graph: revisions sorted by id and numbered in that order, so that comparing numbers is comparing ids.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "treering/history/revision.h"

namespace treering {

using Number = std::uint32_t;

struct GraphData {
  GraphData() = default;
  GraphData(GraphData&&) noexcept = default;  // no copies: `index` borrows from `revisions`

  struct Node {
    std::vector<Number> parents;
    std::vector<Number> dependencies;
    std::vector<Number> children;    // by parents
    std::vector<Number> dependents;  // by dependencies
    std::vector<std::string> child_ids;
    std::vector<std::string> dependency_ids;
    std::vector<std::string> dependent_ids;
    std::size_t label_set = 0;
  };

  std::vector<Revision> revisions;  // sorted by id
  std::vector<Node> nodes;
  std::vector<Number> order;  // see Graph::order
  std::vector<std::string> order_ids;
  std::deque<std::set<std::string>>
      label_sets;  // shared by the nodes of a branch; a deque, because one is read while another is added
  std::map<std::string, Number, std::less<>> declared_labels;
  std::unordered_map<std::string_view, Number> index;  // keys borrowed from `revisions`

  std::optional<Number> number_of(std::string_view id) const {
    const auto found = index.find(id);
    return found == index.end() ? std::nullopt : std::optional(found->second);
  }
  // The numbers [first, last) of the ids that start with this.
  std::pair<Number, Number> numbers_starting_with(std::string_view prefix) const;
};

// Throws what Graph's constructor throws.
GraphData build_graph_data(std::vector<Revision> revisions);

// Fills label_sets and each node's label_set. REQUIRES: everything else is there.
void spread_labels(GraphData& data);

}  // namespace treering
