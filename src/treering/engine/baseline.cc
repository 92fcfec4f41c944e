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

// "shop.models" or "shop/models.py" -> "shop/models.py"; of a package its __init__.py, which Python prefers.
std::string path_of_module(Files& files, std::string module) {
  if (module.ends_with(".py")) return module;
  std::ranges::replace(module, '.', '/');
  const std::string package = module + "/__init__.py";
  return files.exists(package) ? package : module + ".py";
}

// Whether anything would be lost with the file: more than `treering init` writes into it.
bool holds_code(const std::string& text) {
  constexpr std::string_view kDocstring = "\"\"\"";
  std::istringstream lines(text);
  bool in_docstring = false;
  for (std::string whole; std::getline(lines, whole);) {
    std::string_view line = whole;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    const bool begins = !in_docstring && line.starts_with(kDocstring);
    if (begins) line.remove_prefix(kDocstring.size());
    if (begins || in_docstring) {
      in_docstring = !line.ends_with(kDocstring);
      continue;
    }
    const bool is_nothing = line.empty() || line.front() == '#' || line.starts_with("from treering import ") ||
                            line == "ALL_COLLECTIONS = []";
    if (!is_nothing) return true;
  }
  return false;
}

std::string models_path(Project& project, const BaselineOptions& options) {
  if (options.models.empty() && project.settings.models.empty())
    throw Error(Kind::config, "no models are configured",
                "name the file to write in the configuration: models = \"models.py\"");
  const std::string path =
      path_of_module(*project.files, options.models.empty() ? project.settings.models.front() : options.models);
  if (project.files->exists(path) && holds_code(project.files->read(path)))
    throw Error(Kind::usage, path + " holds code already",
                "nothing was written; name another file with --models, or move that one away")
        .with("file", path);
  return path;
}

RevisionContent verifying(const Schema& live, bool transactional) {
  RevisionContent content;
  if (transactional) content.transactional = false;
  content.details =
      "This migration represents what the database had when it came under migrations.\n"
      "It creates nothing: it verifies that everything is there.";
  content.upgrade_body = python_baseline_upgrade(live);
  content.downgrade_body = python_baseline_downgrade();
  return content;
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
  RevisionContent content = verifying(live, project.settings.transactional);
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
