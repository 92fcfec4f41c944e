// SPDX-License-Identifier: Apache-2.0
// The commands that write or open revision files.
#include "treering/engine/author.h"

#include <fmt/format.h>

#include "treering/cli/author_text.h"
#include "treering/cli/json.h"
#include "treering/cli/run_observer.h"
#include "treering/cli/text.h"
#include "treering/cli/verbs.h"
#include "treering/engine/inspect.h"

namespace treering {
namespace {

int finish_created(Session& session, OpenProject& project, const CreatedRevision& created, const std::string& what) {
  print_created(session.output, created, what);
  return finish_written(session, project, created, json_of(created));
}

}  // namespace

int run_revision(Session& session) {
  const Options& options = session.options;
  if (options.message.find_first_not_of(" \t\r\n") == std::string::npos)
    throw Error(Kind::usage, "revision needs a message", "for example: treering revision -m \"add wallet\"");
  if (options.autogenerate) return run_autogenerate(session);
  if (options.allow_drop_collections || options.include_unmanaged || options.offline || options.force)
    throw Error(Kind::usage,
                "--allow-drop-collections, --include-unmanaged, --offline and --force go with --autogenerate",
                "treering revision --help says more");
  NoteObserver observer(session.output);
  const auto project = session.open(Needs::files, &observer);
  announce(session.output, "revision", options.message);
  return finish_created(session, *project, create_revision(project->project(), new_revision_options(options)),
                        "revision");
}

int run_merge(Session& session) {
  NoteObserver observer(session.output);
  const auto project = session.open(Needs::files, &observer);
  NewRevisionOptions options = new_revision_options(session.options);
  const std::vector<std::string>& targets = session.options.targets;
  if (options.message.empty()) options.message = "merge " + (targets.empty() ? "heads" : joined(targets));
  announce(session.output, "merge revision", options.message);
  const CreatedRevision created = merge_revisions(project->project(), targets, std::move(options));
  return finish_created(session, *project, created, "merge revision");
}

int run_edit(Session& session) {
  const std::string& target = session.options.target;
  if (target.empty()) throw Error(Kind::usage, "edit needs a revision", "for example: treering edit head");
  NoteObserver observer(session.output);
  const bool asks_database = target.find("current") != std::string::npos;
  const auto project = session.open(asks_database ? Needs::database : Needs::files, &observer);
  const std::vector<RevisionReport> found = show(project->project(), target);
  if (found.empty()) throw Error(Kind::revision, fmt::format("{} names no revision to edit", one_line(target)));
  for (const RevisionReport& report : found) {
    if (report.revision.path.empty() || !report.in_files)
      throw Error(Kind::revision,
                  fmt::format("{} has no file here: the database alone knows it", one_line(report.revision.id)));
    open_editor(session, *project, report.revision.path);
  }
  if (session.output.json()) session.output.document({{"revisions", json_list(found)}});
  return 0;
}

}  // namespace treering
