// SPDX-License-Identifier: Apache-2.0
#include "treering/history/graph.h"

#include <cassert>

#include "treering/history/graph_data.h"

namespace treering {
namespace {

using Node = GraphData::Node;

// Everything that can be reached from `ids` over the two kinds of edges, the ids included. No recursion: chains are as
// long as histories.
std::set<std::string> reached(const GraphData& data, const std::set<std::string>& ids,
                              std::vector<Number> Node::* first, std::vector<Number> Node::* second) {
  std::set<std::string> result;
  std::vector<bool> seen(data.nodes.size());
  std::vector<Number> open;
  const auto visit = [&](Number number) {
    if (seen[number]) return;
    seen[number] = true;
    open.push_back(number);
  };
  for (const std::string& id : ids) {
    if (const auto number = data.number_of(id))
      visit(*number);
    else
      result.insert(id);
  }
  while (!open.empty()) {
    const Node& node = data.nodes[open.back()];
    open.pop_back();
    for (const Number next : node.*first) visit(next);
    for (const Number next : node.*second) visit(next);
  }
  auto hint = result.begin();
  for (Number number = 0; number < seen.size(); ++number)
    if (seen[number]) hint = std::next(result.insert(hint, data.revisions[number].id));
  return result;
}

const Node& node_of(const GraphData& data, std::string_view id) {
  const auto number = data.number_of(id);
  assert(number);
  return data.nodes[*number];
}

std::vector<std::string> ids_in_order(const GraphData& data, std::vector<Number> Node::* empty) {
  std::vector<std::string> ids;
  for (const Number number : data.order)
    if ((data.nodes[number].*empty).empty()) ids.push_back(data.revisions[number].id);
  return ids;
}

}  // namespace

Graph::Graph() : data_(std::make_shared<const GraphData>()) {}
Graph::Graph(std::vector<Revision> revisions)
    : data_(std::make_shared<const GraphData>(build_graph_data(std::move(revisions)))) {}

std::size_t Graph::size() const { return data_->revisions.size(); }

const Revision* Graph::find(std::string_view id) const {
  const auto number = data_->number_of(id);
  return number ? &data_->revisions[*number] : nullptr;
}

const Revision& Graph::at(std::string_view id) const {
  const Revision* revision = find(id);
  assert(revision != nullptr);
  return *revision;
}

const std::vector<std::string>& Graph::order() const { return data_->order_ids; }
std::vector<std::string> Graph::heads() const { return ids_in_order(*data_, &Node::children); }
std::vector<std::string> Graph::bases() const { return ids_in_order(*data_, &Node::parents); }
const std::vector<std::string>& Graph::children(std::string_view id) const { return node_of(*data_, id).child_ids; }
const std::vector<std::string>& Graph::dependencies(std::string_view id) const {
  return node_of(*data_, id).dependency_ids;
}
const std::vector<std::string>& Graph::dependents(std::string_view id) const {
  return node_of(*data_, id).dependent_ids;
}

std::set<std::string> Graph::with_ancestors(const std::set<std::string>& ids) const {
  return reached(*data_, ids, &Node::parents, &Node::dependencies);
}

std::set<std::string> Graph::with_descendants(const std::set<std::string>& ids) const {
  return reached(*data_, ids, &Node::children, &Node::dependents);
}

const std::set<std::string>& Graph::labels(std::string_view id) const {
  return data_->label_sets[node_of(*data_, id).label_set];
}

const Revision* Graph::labelled(std::string_view label) const {
  const auto found = data_->declared_labels.find(label);
  return found == data_->declared_labels.end() ? nullptr : &data_->revisions[found->second];
}

std::vector<std::string> Graph::all_labels() const {
  std::vector<std::string> labels;
  for (const auto& [label, number] : data_->declared_labels) labels.push_back(label);
  return labels;
}

std::vector<std::string> Graph::starting_with(std::string_view prefix) const {
  const auto [first, last] = data_->numbers_starting_with(prefix);
  std::vector<std::string> ids;
  for (Number number = first; number < last; ++number) ids.push_back(data_->revisions[number].id);
  return ids;
}

std::vector<std::string> Graph::heads_of(const std::set<std::string>& ids) const {
  // Between two of `ids` there may be revisions that are not of them: what matters is everything above each, not only
  // its direct neighbours. Going down in order, a revision is covered where something above it is of `ids` or is
  // covered itself.
  std::vector<bool> covered(data_->nodes.size());
  std::vector<std::string> heads;
  std::vector<std::string> unknown;
  for (const std::string& id : ids)
    if (!data_->number_of(id)) unknown.push_back(id);
  for (auto number = data_->order.rbegin(); number != data_->order.rend(); ++number) {
    const bool member = ids.contains(data_->revisions[*number].id);
    if (member && !covered[*number]) heads.push_back(data_->revisions[*number].id);
    if (!member && !covered[*number]) continue;
    for (const Number parent : data_->nodes[*number].parents) covered[parent] = true;
    for (const Number dependency : data_->nodes[*number].dependencies) covered[dependency] = true;
  }
  std::vector<std::string> result(heads.rbegin(), heads.rend());
  result.insert(result.end(), unknown.begin(), unknown.end());
  return result;
}

}  // namespace treering
