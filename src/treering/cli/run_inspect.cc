// SPDX-License-Identifier: Apache-2.0
// The commands that only look.
#include "treering/base/amount.h"
#include "treering/engine/inspect.h"

#include <fmt/format.h>

#include <algorithm>

#include "treering/cli/json.h"
#include "treering/cli/numbers.h"
#include "treering/cli/revision_lines.h"
#include "treering/cli/run_observer.h"
#include "treering/cli/text.h"
#include "treering/cli/verbs.h"
#include "treering/engine/edited.h"

namespace treering {
namespace {

bool names_current(const std::string& target) { return target.find("current") != std::string::npos; }

std::string where(OpenProject& project) {
  return fmt::format("{}/{}", project.project().server->hosts(), project.config().database);
}

Json with_notes(Json document, const Output& output) {
  if (!output.notes().empty()) document["notes"] = output.notes();
  return document;
}

void print_current(const Session& session, const CurrentReport& report, OpenProject& project) {
  Output& output = session.output;
  for (const std::string& line : report.notes) output.note(one_line(line));
  if (output.verbose()) output.result(fmt::format("Current revision(s) for {}:", one_line(where(project))));
  for (const std::string& head : report.heads)
    output.result(output.on_stdout(Colour::bold, current_line(report, head)));
  if (report.heads.empty()) output.note("nothing is applied yet");
  const auto pending = static_cast<std::int64_t>(report.pending.size());
  if (pending > 0 && !session.options.check_heads) output.note(fmt::format("{} pending", counted(pending, "revision")));
  if (!output.verbose()) return;
  output.result(fmt::format("{} applied", counted(report.count, "revision")));
  for (const std::string& id : report.pending) output.result(fmt::format("pending: {}", one_line(id)));
  for (const std::string& id : report.unknown) output.result(fmt::format("not in the files: {}", one_line(id)));
}

Error not_at_head(const CurrentReport& report) {
  const auto pending = static_cast<std::int64_t>(report.pending.size());
  return Error(Kind::differs,
               fmt::format("the database is not on all head revisions: {} pending", counted(pending, "revision")),
               "apply them with: treering upgrade head");
}

void print_revisions(Output& output, const std::vector<RevisionReport>& revisions,
                     std::string (*line)(const RevisionReport&)) {
  for (const RevisionReport& revision : revisions)
    output.result(output.verbose() ? show_text(revision) : line(revision));
}

// What `revision`s a command printed, or the document of them.
int finish(Output& output, const std::vector<RevisionReport>& revisions, std::string (*line)(const RevisionReport&)) {
  if (output.json()) {
    output.document(with_notes({{"revisions", json_list(revisions)}}, output));
  } else {
    print_revisions(output, revisions, line);
  }
  return 0;
}

// As `finish`, with a mark on those whose file was edited after it was applied.
int finish_history(Output& output, const std::vector<RevisionReport>& revisions,
                   const std::vector<std::string>& edited) {
  const auto is_edited = [&](const RevisionReport& report) {
    return std::find(edited.begin(), edited.end(), report.revision.id) != edited.end();
  };
  Json list = Json::array();
  for (const RevisionReport& report : revisions) {
    const std::string text = output.verbose() ? show_text(report) : history_line(report);
    output.result(is_edited(report) ? text + " (edited since)" : text);
    list.push_back(json_of(report));
    list.back()["edited"] = is_edited(report);
  }
  if (output.json()) output.document(with_notes({{"revisions", std::move(list)}}, output));
  return 0;
}

}  // namespace

int run_current(Session& session) {
  NoteObserver observer(session.output);
  const auto project = session.open(Needs::database, &observer);
  const CurrentReport report = current(project->project());
  const bool differs = session.options.check_heads && !report.at_head;
  if (session.output.json()) {
    Json document = json_of(report);
    for (const std::string& line : session.output.notes()) document["notes"].push_back(line);
    session.output.document(differs ? with_error(std::move(document), not_at_head(report)) : document);
    return differs ? not_at_head(report).exit_code() : 0;
  }
  print_current(session, report, *project);
  if (differs) throw not_at_head(report);
  return 0;
}

int run_history(Session& session) {
  NoteObserver observer(session.output);
  const Options& options = session.options;
  const bool asks_database = options.indicate_current || names_current(options.range);
  const auto opened = session.open(asks_database ? Needs::database : Needs::files, &observer);
  Project& project = opened->project();
  const auto revisions = history(project, options.range, options.indicate_current);
  if (!options.indicate_current) return finish(session.output, revisions, history_line);
  return finish_history(session.output, revisions, edited_revisions(project));
}

int run_heads(Session& session) {
  const auto project = session.open(Needs::files);
  return finish(session.output, heads(project->project(), session.options.resolve_dependencies), head_line);
}

int run_branches(Session& session) {
  const auto project = session.open(Needs::files);
  const std::vector<Branch> found = branches(project->project());
  if (session.output.json()) session.output.document({{"branches", json_list(found)}});
  for (const Branch& branch : found) session.output.result(branch_text(branch) + "\n");
  return 0;
}

int run_show(Session& session) {
  const std::string& target = session.options.target;
  if (target.empty()) throw Error(Kind::usage, "show needs a revision", "for example: treering show head");
  NoteObserver observer(session.output);
  const auto project = session.open(names_current(target) ? Needs::database : Needs::files, &observer);
  return finish(session.output, show(project->project(), target), show_text);
}

int run_log(Session& session) {
  const std::size_t limit = count_from("--limit", session.options.limit);
  NoteObserver observer(session.output);
  const auto project = session.open(Needs::database, &observer);
  const std::vector<LogEntry> entries = log(project->project(), limit);
  if (session.output.json()) session.output.document(with_notes({{"attempts", json_list(entries)}}, session.output));
  for (const LogEntry& entry : entries) session.output.result(log_line(entry));
  if (entries.empty()) session.output.note("nothing was tried yet");
  return 0;
}

int run_wait(Session& session) {
  const std::chrono::milliseconds timeout = seconds_from("--timeout", session.options.timeout);
  NoteObserver observer(session.output);
  const auto project = session.open(Needs::database, &observer);
  wait_for_server(project->project(), timeout);
  const std::string hosts = project->project().server->hosts();
  if (session.output.json()) session.output.document(with_notes({{"hosts", hosts}, {"answers", true}}, session.output));
  session.output.result(fmt::format("{} answers", one_line(hosts)));
  return 0;
}

}  // namespace treering
