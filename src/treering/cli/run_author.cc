// SPDX-License-Identifier: Apache-2.0
// The commands that write or open revision files.
#include "treering/engine/author.h"

#include <fmt/format.h>

#include <filesystem>

#include "treering/cli/editor.h"
#include "treering/cli/json.h"
#include "treering/cli/run_observer.h"
#include "treering/cli/text.h"
#include "treering/cli/verbs.h"
#include "treering/engine/inspect.h"

namespace treering {
namespace {

NewRevisionOptions new_revision_options(const Options& options) {
  NewRevisionOptions result;
  result.message = options.message;
  result.head = options.head;
  result.splice = options.splice;
  result.branch_labels = options.branch_labels;
  result.rev_id = options.rev_id;
  result.depends_on = options.depends_on;
  return result;
}

void announce(Output& output, const std::string& what, const std::string& message) {
  if (!output.quiet()) output.result(fmt::format("🔨 Creating new {}: {}", what, one_line(message)));
}

void open_editor(Session& session, OpenProject& project, const std::string& path) {
  const std::filesystem::path file = std::filesystem::path(project.config().root) / path;
  edit_file(file.string(), session.output.json() ? EditorOutput::stdout_to_stderr : EditorOutput::stdout_as_it_is);
}

// In the words of the guides.
int finish_created(Session& session, OpenProject& project, const CreatedRevision& created, const std::string& what) {
  Output& output = session.output;
  const std::string path = one_line(created.revision.path);
  output.result(
      output.on_stdout(Colour::green, fmt::format("✓ Created {}: {}", what, path.substr(path.rfind('/') + 1))));
  output.result(fmt::format("  Revision ID: {}", one_line(created.revision.id)));
  output.result(fmt::format("  Edit: {}", path));
  if (session.options.edit) open_editor(session, project, created.revision.path);
  if (output.json()) output.document(json_of(created));
  return 0;
}

}  // namespace

int run_revision(Session& session) {
  const Options& options = session.options;
  if (options.autogenerate)
    throw Error(Kind::usage, "autogenerate isn't available yet",
                "write the revision by hand: treering revision -m \"...\"");
  if (options.message.find_first_not_of(" \t\r\n") == std::string::npos)
    throw Error(Kind::usage, "revision needs a message", "for example: treering revision -m \"add wallet\"");
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
