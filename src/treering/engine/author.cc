// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/author.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "treering/base/error.h"
#include "treering/engine/catalog.h"
#include "treering/engine/new_revision.h"
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

CreatedRevision create(Project& project, const Graph& graph, const NewRevisionOptions& options,
                       std::vector<std::string> parents) {
  const IdOrigin origin = options.rev_id.empty() ? IdOrigin::clock : IdOrigin::person;
  CreatedRevision created =
      write_revision(project, graph, new_revision(project, graph, options, std::move(parents), {}), origin);
  run_hooks(project, created.revision.path);
  return created;
}

}  // namespace

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

CreatedRevision create_revision(Project& project, const NewRevisionOptions& options) {
  const Graph graph = load_graph(*project.files);
  return create(project, graph, options, parents_of(graph, options, project.settings.strict_heads));
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
  return create(project, graph, options, std::move(parents));
}

}  // namespace treering
