// SPDX-License-Identifier: Apache-2.0
// What the project's files and the database together say: the graph of revisions, and which of them are applied.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "treering/engine/project.h"
#include "treering/engine/state.h"
#include "treering/engine/store.h"
#include "treering/history/graph.h"
#include "treering/history/plan.h"

namespace treering {

// The graph of the files alone. Throws Error(Kind::revision) for a file that looks like a revision and isn't one, a
// file name that doesn't go with its id, and whatever Graph refuses.
Graph load_graph(Files& files);

// As load_graph; but where a file stands on a revision that no file has and that was applied, the database's records
// fill the gap: such revisions have no path. The database is asked then only; where it doesn't answer, what is missing
// is the error.
Graph load_graph_with_applied(Project& project);

// False for what only the database knows.
bool has_file(const Graph& graph, const std::string& id);

// The ids that file names claim (as Files::begin_names gives them), without opening a file. Two files of one id make a
// digest that equals no applied state.
struct NamedIds {
  AppliedDigest digest;
  std::int64_t count = 0;
};
NamedIds named_ids(std::string_view names);

// Files and database side by side.
struct Catalog {
  Graph graph;  // of the files, and of applied revisions that no file has
  Applied applied;
  std::map<std::string, RevisionRecord> unknown;  // applied, in no file; without their sources
  std::vector<std::string> adopted;  // ids taken over from _db_version: all of `applied`, in order; not written yet

  std::vector<std::string> heads() const { return graph.heads_of(applied); }
  std::vector<std::string> unknown_ids() const;
  AppliedState state() const;
  bool any_pending() const;  // a file's revision isn't applied
};

// What is to be taken for applied where the state says nothing and the records do.
enum class LostState { refuse, believe_records };

// `state`: as the store gave it; where there is none, or a fresh one, _db_version is looked at. Throws
// Error(Kind::server) where records of runs tell that there was a state, which is gone: what is applied is a person's
// to say then (stamp).
Catalog load_catalog(Graph file_graph, Store& store, const std::optional<State>& state,
                     LostState lost = LostState::refuse);

// The same where the state says something: `read_records` is asked for where heads and files don't tell it all.
Catalog catalog_of(Graph file_graph, const State& state,
                   const std::function<std::vector<RevisionRecord>()>& read_records);

// Records of the adopted revisions, ready to be written.
std::vector<RevisionRecord> adopted_records(const Catalog& catalog, Store& store, Files& files);

}  // namespace treering
