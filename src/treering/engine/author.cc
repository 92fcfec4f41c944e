// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/author.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "treering/base/error.h"
#include "treering/engine/catalog.h"
#include "treering/history/revision_file.h"
#include "treering/history/target.h"

namespace treering {
namespace {

// The revisions that the targets name, each once.
std::vector<std::string> resolve_all(const Graph& graph, const std::vector<std::string>& targets) {
  std::vector<std::string> ids;
  for (const std::string& target : targets)
    for (const std::string& id : resolve(graph, target, {}))
      if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  return ids;
}

// Without --splice, a parent that others stand on already is more likely a slip than a wish for a branch.
void require_heads(const Graph& graph, const std::vector<std::string>& parents, const NewRevisionOptions& options) {
  if (options.splice) return;
  const std::vector<std::string> heads = graph.heads();
  for (const std::string& id : parents)
    if (std::ranges::find(heads, id) == heads.end())
      throw Error(
          Kind::revision,
          fmt::format(
              "Revision {} is not a head revision; please specify --splice to create a new branch from this revision",
              id))
          .with("revision", id);
}

std::vector<std::string> parents_of(const Graph& graph, const NewRevisionOptions& options, bool strict_heads) {
  if (!options.head.empty()) {
    std::vector<std::string> parents = resolve_all(graph, options.head);
    require_heads(graph, parents, options);
    return parents;
  }
  std::vector<std::string> heads = graph.heads();
  if (strict_heads && heads.size() > 1)
    throw Error(Kind::revision,
                "Multiple heads are present; please specify the head revision on which the new revision should be "
                "based, or perform a merge.",
                fmt::format("the heads are {}: --head one of them, or treering merge heads", fmt::join(heads, ", ")));
  return heads;
}

std::vector<std::string> full_ids(const Graph& graph, const std::vector<std::string>& targets) {
  std::vector<std::string> ids;
  for (const std::string& target : targets) ids.push_back(resolve_one(graph, target, {}));
  return ids;
}

std::string id_for(const Graph& graph, const NewRevisionOptions& options, std::int64_t now_ms) {
  if (options.rev_id.empty()) return free_timestamp_id(now_ms, graph.order());
  require_revision_id(options.rev_id);
  if (const Revision* taken = graph.find(options.rev_id))
    throw Error(Kind::revision, fmt::format("revision {} exists already: {}", options.rev_id, taken->path),
                "choose another --rev-id")
        .with("revision", options.rev_id)
        .with("file", taken->path);
  return options.rev_id;
}

bool is_there(Files& files, const std::string& id) {
  return std::ranges::any_of(files.list(), [&](const RevisionFile& file) { return name_agrees(file.name, id); });
}

// Where two commands chose the same second, the files tell us, and the next second is tried.
std::string create_file(Project& project, const Graph& graph, NewRevision& fresh, bool id_is_ours) {
  constexpr int kTries = 60;
  std::vector<std::string> taken = graph.order();
  for (int attempt = 1;; ++attempt) {
    try {
      return project.files->create(file_name_of(fresh.id, fresh.message), render_revision_file(fresh));
    } catch (const Error& error) {
      if (!id_is_ours || error.kind() != Kind::file || attempt == kTries || !is_there(*project.files, fresh.id)) throw;
    }
    taken.push_back(fresh.id);
    fresh.id = free_timestamp_id(project.clock->now_ms(), taken);
  }
}

CreatedRevision write_revision(Project& project, const Graph& graph, const NewRevisionOptions& options,
                               std::vector<std::string> parents, const std::string& details) {
  const std::int64_t now_ms = project.clock->now_ms();
  NewRevision fresh;
  fresh.id = id_for(graph, options, now_ms);
  fresh.parents = std::move(parents);
  fresh.labels = options.branch_labels;
  fresh.depends_on = full_ids(graph, options.depends_on);
  fresh.message = options.message;
  fresh.created = date_text(now_ms);
  fresh.details = details;

  // The graph with the new revision in it is checked before anything is written: a label that is taken, for one.
  std::vector<Revision> revisions;
  for (const std::string& id : graph.order()) revisions.push_back(graph.at(id));
  Revision revision = *read_header(render_revision_file(fresh), file_name_of(fresh.id, fresh.message));
  revisions.push_back(revision);
  Graph checked(std::move(revisions));

  revision.path = create_file(project, graph, fresh, options.rev_id.empty());
  revision.id = fresh.id;
  return {std::move(revision), fresh.created};
}

}  // namespace

CreatedRevision create_revision(Project& project, const NewRevisionOptions& options) {
  const Graph graph = load_graph(*project.files);
  return write_revision(project, graph, options, parents_of(graph, options, project.settings.strict_heads), "");
}

CreatedRevision merge_revisions(Project& project, const std::vector<std::string>& targets, NewRevisionOptions options) {
  const Graph graph = load_graph(*project.files);
  std::vector<std::string> parents = targets.empty() ? graph.heads() : resolve_all(graph, targets);
  if (parents.size() < 2)
    throw Error(Kind::revision,
                fmt::format("nothing to merge: {} names {}",
                            targets.empty() ? "heads" : fmt::format("{}", fmt::join(targets, " ")),
                            parents.empty() ? "no revision" : "only " + parents.front()),
                "see treering heads");
  require_heads(graph, parents, options);
  if (options.message.empty()) options.message = fmt::format("merge {}", fmt::join(parents, " and "));
  return write_revision(project, graph, options, std::move(parents), "");
}

}  // namespace treering
