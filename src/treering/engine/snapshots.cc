// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/snapshots.h"

#include <algorithm>
#include <set>

#include "treering/schema/snapshot.h"

namespace treering {
namespace {

class Reader {
 public:
  Reader(Files& files, const Graph& graph) : files_(files), graph_(graph) {
    for (std::string& id : files.snapshots())
      if (graph.contains(id)) having_.insert(std::move(id));
  }

  SnapshotAt at(const std::set<std::string>& revisions) const {
    SnapshotAt result;
    result.revisions = newest_of(revisions);
    if (result.revisions.empty()) return result;
    if (result.revisions.size() == 1) {
      result.schema = read(result.revisions.front());
      return result;
    }
    std::set<std::string> common;
    std::vector<Schema> sides;
    for (const std::string& id : result.revisions) {
      sides.push_back(read(id));
      const std::set<std::string> below = graph_.with_ancestors({id});
      std::set<std::string> both;
      std::ranges::set_intersection(id == result.revisions.front() ? below : common, below,
                                    std::inserter(both, both.end()));
      common = std::move(both);
    }
    result.schema = merge_snapshots(at(common).schema, sides);
    return result;
  }

 private:
  Schema read(const std::string& id) const {
    const std::string path = files_.snapshot_path(id);
    return schema_from_snapshot(files_.read(path), path);
  }

  // Revisions with snapshots at or below these that no other of them stands on.
  std::vector<std::string> newest_of(const std::set<std::string>& revisions) const {
    std::set<std::string> having;
    std::ranges::set_intersection(graph_.with_ancestors(revisions), having_, std::inserter(having, having.end()));
    return graph_.heads_of(having);
  }

  Files& files_;
  const Graph& graph_;
  std::set<std::string> having_;
};

}  // namespace

SnapshotAt snapshot_at(Files& files, const Graph& graph, const std::vector<std::string>& heads) {
  return Reader(files, graph).at({heads.begin(), heads.end()});
}

}  // namespace treering
