// SPDX-License-Identifier: Apache-2.0
// The graph of revisions. Pure and immutable once built; copies are cheap (they share it) and safe to use from several
// threads.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "treering/history/revision.h"

namespace treering {

struct GraphData;

class Graph {
 public:
  Graph();

  // Throws Error(Kind::revision), each naming the files: two revisions of one id; a parent or dependency that no
  // revision has; an ambiguous dependency; a self-loop; a cycle (its members named); a label used twice, or equal to an
  // id.
  explicit Graph(std::vector<Revision> revisions);

  std::size_t size() const;
  bool contains(std::string_view id) const { return find(id) != nullptr; }
  const Revision* find(std::string_view id) const;  // nullptr where unknown; valid as long as the graph or a copy of it
  const Revision& at(std::string_view id) const;    // REQUIRES: contains(id)

  // All ids, parents and dependencies before what stands on them, ties by id: the order in which everything is applied.
  const std::vector<std::string>& order() const;

  std::vector<std::string> heads() const;  // without children, in `order`; depends_on is not a child
  std::vector<std::string> bases() const;  // without parents
  const std::vector<std::string>& children(std::string_view id) const;      // by parents only, sorted
  const std::vector<std::string>& dependencies(std::string_view id) const;  // depends_on, resolved to full ids
  const std::vector<std::string>& dependents(std::string_view id) const;    // the other way round
  bool is_branch_point(std::string_view id) const { return children(id).size() > 1; }
  bool is_merge_point(std::string_view id) const { return at(id).parents.size() > 1; }

  // The ids themselves and everything below them (or above), through parents and dependencies. Ids that the graph
  // doesn't know stay as they are.
  std::set<std::string> with_ancestors(const std::set<std::string>& ids) const;
  std::set<std::string> with_descendants(const std::set<std::string>& ids) const;

  // The branch labels that hold for a revision: its own, those of its ancestors, and of descendants down to a branch or
  // merge point, as in Alembic.
  const std::set<std::string>& labels(std::string_view id) const;
  // The revision that declares the label, or nullptr.
  const Revision* labelled(std::string_view label) const;
  // All labels, sorted.
  std::vector<std::string> all_labels() const;

  // The ids that start with this, sorted.
  std::vector<std::string> starting_with(std::string_view prefix) const;

  // Those of `ids` that no other of them descends from (through parents or dependencies), in `order`. Ids the graph
  // doesn't know count as heads, after the others.
  std::vector<std::string> heads_of(const std::set<std::string>& ids) const;

 private:
  std::shared_ptr<const GraphData> data_;
};

}  // namespace treering
