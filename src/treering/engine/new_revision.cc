// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/new_revision.h"

#include <algorithm>

#include <fmt/format.h>

#include "treering/base/error.h"
#include "treering/history/target.h"

namespace treering {
namespace {

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

}  // namespace

NewRevision new_revision(Project& project, const Graph& graph, const NewRevisionOptions& options,
                         std::vector<std::string> parents, RevisionContent content) {
  const std::int64_t now_ms = project.clock->now_ms();
  NewRevision fresh;
  fresh.id = id_for(graph, options, now_ms);
  fresh.parents = std::move(parents);
  for (const std::string& label : options.branch_labels) require_branch_label(label);
  fresh.labels = options.branch_labels;
  fresh.depends_on = full_ids(graph, options.depends_on);
  fresh.message = options.message;
  fresh.created = date_text(now_ms);
  fresh.details = std::move(content.details);
  fresh.imports = std::move(content.imports);
  fresh.transactional = content.transactional;
  fresh.upgrade_body = std::move(content.upgrade_body);
  fresh.downgrade_body = std::move(content.downgrade_body);

  // The graph with the new revision in it is checked before anything is written: a label that is taken, for one.
  std::vector<Revision> revisions;
  for (const std::string& id : graph.order()) revisions.push_back(graph.at(id));
  revisions.push_back(*read_header(render_revision_file(fresh), file_name_of(fresh.id, fresh.message)));
  const Graph checked(std::move(revisions));
  return fresh;
}

CreatedRevision write_revision(Project& project, const Graph& graph, NewRevision fresh, IdOrigin origin) {
  const std::string path = create_file(project, graph, fresh, origin == IdOrigin::clock);
  Revision revision = *read_header(render_revision_file(fresh), path);
  return {std::move(revision), fresh.created};
}

void run_hooks(Project& project, const std::string& path) {
  for (const std::string& line : project.files->run_post_write_hooks(path)) note(project, line);
}

}  // namespace treering
