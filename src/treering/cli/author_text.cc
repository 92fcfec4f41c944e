// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/author_text.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "treering/base/error.h"
#include "treering/cli/editor.h"
#include "treering/cli/text.h"

namespace treering {

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

void print_created(Output& output, const CreatedRevision& created, const std::string& what) {
  const std::string path = one_line(created.revision.path);
  output.result(
      output.on_stdout(Colour::green, fmt::format("✓ Created {}: {}", what, path.substr(path.rfind('/') + 1))));
  output.result(fmt::format("  Revision ID: {}", one_line(created.revision.id)));
  output.result(fmt::format("  Edit: {}", path));
}

void open_editor(Session& session, OpenProject& project, const std::string& path) {
  const std::filesystem::path file = std::filesystem::path(project.config().root) / path;
  edit_file(file.string(), session.output.json() ? EditorOutput::stdout_to_stderr : EditorOutput::stdout_as_it_is);
}

int finish_written(Session& session, OpenProject& project, const CreatedRevision& created, Json document) {
  const std::string& path = created.revision.path;
  std::optional<Error> failure;
  try {
    if (session.options.edit) open_editor(session, project, path);
  } catch (const Error& error) {
    failure.emplace(error.kind(), error.what(), fmt::format("the revision is written: {}; {}", path, error.hint()));
    failure->with("file", path);
  }
  if (!session.output.json()) {
    if (failure) throw Error(*failure);
    return 0;
  }
  session.output.document(failure ? with_error(std::move(document), *failure) : document);
  return failure ? failure->exit_code() : 0;
}

}  // namespace treering
