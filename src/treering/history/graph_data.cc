// SPDX-License-Identifier: Apache-2.0
// Building a graph: 1. sort and index, 2. resolve parents, labels and dependencies, 3. order (Kahn, by id), 4. spread
// labels. Every check is made where the fact is first used, so that the first error named is the one to mend first.
#include "treering/history/graph_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>

#include "treering/base/error.h"
#include "treering/history/naming.h"

namespace treering {
namespace {

using Node = GraphData::Node;

std::string place(const Revision& revision) {
  return revision.path.empty() ? "revision " + revision.id : revision.path;
}

Error graph_error(const Revision& revision, const std::string& message, const std::string& hint) {
  return Error(Kind::revision, message, hint).with("file", revision.path).with("revision", revision.id);
}

void require_unique_ids(const GraphData& data) {
  for (std::size_t i = 1; i < data.revisions.size(); ++i) {
    const Revision& one = data.revisions[i - 1];
    const Revision& other = data.revisions[i];
    if (one.id != other.id) continue;
    throw graph_error(one, fmt::format("revision {} is in two files: {} and {}", one.id, place(one), place(other)),
                      "give one of them another revision id, or delete the copy")
        .with("other_file", other.path);
  }
}

std::vector<std::string> known_names(const GraphData& data) {
  std::vector<std::string> names;
  for (const Revision& revision : data.revisions) names.push_back(revision.id);
  for (const auto& [label, number] : data.declared_labels) names.push_back(label);
  return names;
}

Error missing(const GraphData& data, const Revision& revision, std::string_view name, const std::string& id) {
  std::vector<std::string> names = known_names(data);
  std::erase(names, revision.id);  // nothing stands on itself
  return graph_error(revision, fmt::format("{}: {} '{}' is in no revision file", place(revision), name, id),
                     nearest_hint(id, names, "bring back the file of that revision, or mend the header"))
      .with("missing", id);
}

void add_unique(std::vector<Number>& numbers, Number number) {
  if (std::find(numbers.begin(), numbers.end(), number) == numbers.end()) numbers.push_back(number);
}

void link_parents(GraphData& data) {
  for (Number i = 0; i < data.nodes.size(); ++i) {
    const Revision& revision = data.revisions[i];
    for (const std::string& parent : revision.parents) {
      const auto number = data.number_of(parent);
      if (!number) throw missing(data, revision, "down_revision", parent);
      if (*number == i)
        throw graph_error(revision,
                          fmt::format("{}: Self-loop is detected in revisions ({})", place(revision), revision.id),
                          "a revision can't be its own down_revision");
      add_unique(data.nodes[i].parents, *number);
    }
    for (const Number parent : data.nodes[i].parents) data.nodes[parent].children.push_back(i);
  }
}

void declare_labels(GraphData& data) {
  for (Number i = 0; i < data.nodes.size(); ++i) {
    const Revision& revision = data.revisions[i];
    for (const std::string& label : revision.labels) {
      if (const auto other = data.number_of(label))
        throw graph_error(revision,
                          fmt::format("{}: Branch name '{}' is the id of a revision ({})", place(revision), label,
                                      place(data.revisions[*other])),
                          "choose another label");
      const auto [entry, is_new] = data.declared_labels.emplace(label, i);
      if (is_new || entry->second == i) continue;
      const Revision& other = data.revisions[entry->second];
      throw graph_error(revision,
                        fmt::format("Branch name '{}' in revision {} already used by revision {} ({} and {})", label,
                                    revision.id, other.id, place(revision), place(other)),
                        "a label names one branch: take it out of one of the two files")
          .with("other_file", other.path);
    }
  }
}

Number resolve_dependency(const GraphData& data, const Revision& revision, const std::string& name) {
  if (const auto number = data.number_of(name)) return *number;
  if (const auto label = data.declared_labels.find(name); label != data.declared_labels.end()) return label->second;
  const auto [first, last] = data.numbers_starting_with(name);
  if (first == last) throw missing(data, revision, "depends_on", name);
  if (last - first == 1) return first;
  std::vector<std::string> candidates;
  for (Number i = first; i < last; ++i) candidates.push_back(data.revisions[i].id);
  throw graph_error(revision,
                    fmt::format("{}: depends_on '{}' is ambiguous. Multiple revisions start with '{}': {}",
                                place(revision), name, name, listed(candidates)),
                    "write the whole id");
}

void link_dependencies(GraphData& data) {
  for (Number i = 0; i < data.nodes.size(); ++i) {
    const Revision& revision = data.revisions[i];
    Node& node = data.nodes[i];
    for (const std::string& name : revision.depends_on) {
      const Number number = resolve_dependency(data, revision, name);
      if (number == i)
        throw graph_error(
            revision,
            fmt::format("{}: Dependency self-loop is detected in revisions ({})", place(revision), revision.id),
            "a revision can't depend on itself");
      add_unique(node.dependencies, number);
    }
    for (const Number number : node.dependencies) {
      data.nodes[number].dependents.push_back(i);
      node.dependency_ids.push_back(data.revisions[number].id);
    }
  }
}

// One cycle among the revisions that could not be ordered: each of them has one below it that couldn't either, so
// walking down must come back.
Error cycle_error(const GraphData& data, const std::vector<bool>& ordered) {
  Number at = 0;
  while (ordered[at]) ++at;
  std::vector<std::size_t> step(data.nodes.size(), 0);
  std::vector<Number> walk;
  bool dependency = false;
  while (step[at] == 0) {
    walk.push_back(at);
    step[at] = walk.size();
    const auto is_open = [&](Number number) { return !ordered[number]; };
    const Node& node = data.nodes[at];
    auto below = std::find_if(node.parents.begin(), node.parents.end(), is_open);
    if (below == node.parents.end())
      below = std::find_if(node.dependencies.begin(), node.dependencies.end(), is_open), dependency = true;
    at = *below;
  }
  std::vector<std::string> ids;
  std::vector<std::string> files;
  for (std::size_t i = step[at] - 1; i < walk.size(); ++i) ids.push_back(data.revisions[walk[i]].id);
  std::sort(ids.begin(), ids.end());
  for (const std::string& id : ids) files.push_back(place(data.revisions[*data.number_of(id)]));
  return graph_error(data.revisions[at],
                     fmt::format("{} is detected in revisions ({}): {}", dependency ? "Dependency cycle" : "Cycle",
                                 listed(ids, 100), listed(files, 100)),
                     "mend the down_revision or depends_on of one of them");
}

void put_in_order(GraphData& data) {
  std::vector<std::size_t> waiting(data.nodes.size());
  std::priority_queue<Number, std::vector<Number>, std::greater<>> ready;
  for (Number i = 0; i < data.nodes.size(); ++i) {
    waiting[i] = data.nodes[i].parents.size() + data.nodes[i].dependencies.size();
    if (waiting[i] == 0) ready.push(i);
  }
  std::vector<bool> ordered(data.nodes.size());
  while (!ready.empty()) {
    const Number number = ready.top();
    ready.pop();
    ordered[number] = true;
    data.order.push_back(number);
    for (const auto* above : {&data.nodes[number].children, &data.nodes[number].dependents})
      for (const Number next : *above)
        if (--waiting[next] == 0) ready.push(next);
  }
  if (data.order.size() < data.nodes.size()) throw cycle_error(data, ordered);
  for (const Number number : data.order) data.order_ids.push_back(data.revisions[number].id);
}

}  // namespace

std::pair<Number, Number> GraphData::numbers_starting_with(std::string_view prefix) const {
  const auto starts = [&](const Revision& revision) { return std::string_view(revision.id).substr(0, prefix.size()); };
  const auto first = std::lower_bound(revisions.begin(), revisions.end(), prefix,
                                      [&](const Revision& r, std::string_view p) { return starts(r) < p; });
  const auto last = std::upper_bound(first, revisions.end(), prefix,
                                     [&](std::string_view p, const Revision& r) { return p < starts(r); });
  return {static_cast<Number>(first - revisions.begin()), static_cast<Number>(last - revisions.begin())};
}

GraphData build_graph_data(std::vector<Revision> revisions) {
  GraphData data;
  data.revisions = std::move(revisions);
  // By path too: of two files with one id, the same is named first on every run.
  std::sort(data.revisions.begin(), data.revisions.end(),
            [](const Revision& a, const Revision& b) { return std::tie(a.id, a.path) < std::tie(b.id, b.path); });
  require_unique_ids(data);
  data.nodes.resize(data.revisions.size());
  data.index.reserve(data.revisions.size());
  for (Number i = 0; i < data.revisions.size(); ++i) data.index.emplace(data.revisions[i].id, i);
  link_parents(data);
  declare_labels(data);
  link_dependencies(data);
  put_in_order(data);
  for (Node& node : data.nodes) {
    for (const Number child : node.children) node.child_ids.push_back(data.revisions[child].id);
    for (const Number dependent : node.dependents) node.dependent_ids.push_back(data.revisions[dependent].id);
  }
  spread_labels(data);
  return data;
}

}  // namespace treering
