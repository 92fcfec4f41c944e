// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "treering/base/error.h"
#include "treering/engine/autogenerate.h"
#include "treering/engine/catalog.h"
#include "treering/engine/migrate.h"
#include "treering/engine/new_revision.h"
#include "treering/engine/read_schema.h"
#include "treering/schema/render.h"
#include "treering/schema/snapshot.h"

namespace treering {
namespace {

// "shop.models" or "shop/models.py" -> "shop/models.py"
std::string path_of_module(std::string module) {
  if (module.ends_with(".py")) return module;
  std::ranges::replace(module, '.', '/');
  return module + ".py";
}

bool defines_classes(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("class ")) return true;
  return false;
}

std::string models_path(Project& project, const BaselineOptions& options) {
  if (options.models.empty() && project.settings.models.empty())
    throw Error(Kind::config, "no models are configured",
                "name the file to write in the configuration: models = \"models.py\"");
  const std::string path = path_of_module(options.models.empty() ? project.settings.models.front() : options.models);
  if (project.files->exists(path) && defines_classes(project.files->read(path)))
    throw Error(Kind::usage, path + " holds models already",
                "nothing was written; name another file with --models, or move that one away")
        .with("file", path);
  return path;
}

}  // namespace

BaselineReport baseline(Project& project, const BaselineOptions& options) {
  const Graph graph = load_graph(*project.files);
  if (graph.size() > 0)
    throw Error(Kind::revision, fmt::format("there are revisions already: {}", graph.order().front()),
                "a baseline is the first revision; later changes come with: treering revision --autogenerate");
  BaselineReport report;
  report.models = models_path(project, options);
  const Schema live = read_schema(*project.server, project.settings.database, {});
  if (live.empty())
    throw Error(Kind::usage, fmt::format("the database {} has no collections to describe", project.settings.database),
                "start with models of your own: treering revision --autogenerate -m \"initial schema\"");
  report.collections = live.collections().size();

  NewRevisionOptions revision;
  revision.message = options.message;
  RevisionContent content;
  content.details =
      "This migration represents what the database had when it came under migrations.\n"
      "It creates nothing: it verifies that everything is there.";
  content.upgrade_body = python_baseline_upgrade(live);
  content.downgrade_body = python_baseline_downgrade();
  const std::string models = python_models(live);
  const std::string snapshot = snapshot_text(live);
  report.created =
      write_revision(project, graph, new_revision(project, graph, revision, {}, std::move(content)), IdOrigin::clock);
  const Revision& written = report.created.revision;
  try {
    project.files->create_snapshot(written.id, snapshot);
    project.files->write(report.models, models);
  } catch (const Error&) {
    project.files->remove(written.path);
    project.files->remove(project.files->snapshot_path(written.id));
    throw;
  }
  run_hooks(project, written.path);
  if (!options.stamp) return report;
  const RunReport stamped = stamp(project, {written.id}, false);
  if (stamped.failure) throw Error(*stamped.failure);
  report.stamped = true;
  return report;
}

}  // namespace treering
