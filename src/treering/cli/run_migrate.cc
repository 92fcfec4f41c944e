// SPDX-License-Identifier: Apache-2.0
// The commands that change what is applied. In the binary they plan with `NeedsPython` in the place of an interpreter:
// when code would run, it says so, nothing has been touched yet, and the process becomes the project's Python.
#include "treering/base/amount.h"
#include "treering/engine/migrate.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <system_error>

#include "treering/cli/handover.h"
#include "treering/cli/json.h"
#include "treering/cli/numbers.h"
#include "treering/cli/planned_text.h"
#include "treering/cli/run_observer.h"
#include "treering/cli/run_text.h"
#include "treering/cli/text.h"
#include "treering/cli/verbs.h"
#include "treering/engine/dry_run.h"
#include "treering/engine/write_script.h"

namespace treering {
namespace {

struct CodeWouldRun {};

class NeedsPython : public Scripts {
 public:
  void check(const std::vector<Script>& scripts, Direction) override {
    if (!scripts.empty()) throw CodeWouldRun{};
  }
  void run(const Script&, Direction, Env&) override { throw CodeWouldRun{}; }
};

Json document_of(const RunReport& report, const Output& output) {
  Json document = json_of(report);
  document["notes"] = output.notes();
  return document;
}

// "script": the file that was written, or null where there was nothing to write.
int finish_script(Session& session, const RunReport& report, const std::string& path) {
  Json document = document_of(report, session.output);
  document["script"] = path.empty() ? Json() : Json(path);
  session.output.document(document);
  return report.failure ? report.failure->exit_code() : 0;
}

// In order: what stopped the run, then where the database stands.
int finish_run(Session& session, const RunReport& report, Direction direction, const std::string& nothing_done) {
  Output& output = session.output;
  const int exit_code = report.failure ? report.failure->exit_code() : 0;
  if (output.json()) {
    output.document(document_of(report, output));
    return exit_code;
  }
  if (report.failure) output.message(output.on_stderr(Colour::red, failure_text(report, direction)));
  if (report.dry_run && !report.done.empty()) {
    output.result(dry_run_summary(report, direction));
  } else if (!report.done.empty()) {
    output.result(output.on_stdout(report.failure ? Colour::none : Colour::green, summary_line(report, direction)));
  } else if (!report.failure) {
    output.result(nothing_done);
  }
  return exit_code;
}

std::string nothing_upgraded(const RunReport& report, const std::string& target) {
  if (report.at_head) return already_at_head(report.heads);
  return fmt::format("nothing to apply for {}, {}", one_line(target), now_at_text(report));
}

std::string nothing_downgraded(const RunReport& report, const std::string& target) {
  return fmt::format("nothing to revert for {}, {}", one_line(target), now_at_text(report));
}

std::string nothing_done(Direction direction, const RunReport& report, const std::string& target) {
  return direction == Direction::upgrade ? nothing_upgraded(report, target) : nothing_downgraded(report, target);
}

RunReport report_at_head(std::vector<std::string> heads, bool dry_run) {
  RunReport report;
  report.dry_run = dry_run;
  report.heads = std::move(heads);
  report.at_head = true;
  return report;
}

void set_lock_timeout(Session& session, Project& project) {
  const std::string& text = session.options.lock_timeout;
  if (!text.empty()) project.settings.lock_timeout = seconds_from("--lock-timeout", text);
}

using Verb = std::function<RunReport(Project&, const std::string&)>;

// Runs the verb here where this process can run code or none has to run, else in the project's Python.
RunReport run_or_hand_over(Session& session, OpenProject& project, const Verb& verb) {
  NeedsPython needs_python;
  if (session.host.scripts == nullptr) project.project().scripts = &needs_python;
  try {
    return verb(project.project(), session.options.target);
  } catch (const CodeWouldRun&) {
    hand_over(session, project);
  }
}

// As engine/script.cc writes it.
bool begins_script(std::string_view line) {
  return line.starts_with("// ") && line.find(", written by Treering ") != std::string_view::npos;
}

// Before the code runs. A script of ours may be written anew, and an empty file (mktemp) or a pipe holds nothing.
void require_no_others_file(const std::string& path) {
  std::error_code failed;
  if (path == "-" || !std::filesystem::is_regular_file(path, failed)) return;
  std::ifstream file(path, std::ios::binary);
  std::string first;
  if (!std::getline(file, first) || begins_script(first)) return;
  throw Error(Kind::file, fmt::format("{} is there already, and no script that Treering wrote", one_line(path)),
              "name another file, or take that one away")
      .with("file", path);
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  const int opened = file ? 0 : errno;
  file << text;
  file.close();
  if (file) return;
  const std::string why = opened == 0 ? "" : ": " + std::generic_category().message(opened);
  throw Error(Kind::file, fmt::format("{} can't be written{}", one_line(path), why),
              "name a file in a folder that is there and that you may write to, or - for stdout")
      .with("file", path);
}

void tell_script(Session& session, const WrittenScript& written) {
  const std::string& path = session.options.script;
  for (const StepReport& step : written.report.done)
    session.output.result(fmt::format("{}, {}", planned_head(step),
                                      counted(static_cast<std::int64_t>(step.planned.size()), "operation")));
  session.output.result(fmt::format("wrote {}: run it with mongosh \"{}\" {}", one_line(path),
                                    "mongodb://HOST/DATABASE", one_line(path)));
}

int run_script(Session& session, Direction direction) {
  if (session.output.json() && session.options.script == "-")
    throw Error(Kind::usage, "--script - and --json both want stdout", "name a file for the script");
  require_no_others_file(session.options.script);
  NoteObserver observer(session.output);
  const auto project = session.open(Needs::database, &observer);
  WrittenScript written;
  const RunReport report = run_or_hand_over(session, *project, [&](Project& of, const std::string& target) {
    written = write_script(of, direction, target);
    return written.report;
  });
  const std::string& path = session.options.script;
  if (!written.text.empty() && path == "-") {
    session.output.source(written.text);
  } else if (!written.text.empty()) {
    write_text(path, written.text);
  }
  if (session.output.json()) return finish_script(session, report, written.text.empty() ? "" : path);
  if (report.failure || written.text.empty())
    return finish_run(session, report, direction, nothing_done(direction, report, session.options.target));
  if (path != "-") tell_script(session, written);
  return 0;
}

RunReport run(Session& session, OpenProject& project, Direction direction) {
  if (session.options.dry_run)
    return run_or_hand_over(session, project,
                            [&](Project& of, const std::string& target) { return dry_run(of, direction, target); });
  return run_or_hand_over(session, project, direction == Direction::upgrade ? upgrade : downgrade);
}

}  // namespace

int run_upgrade(Session& session) {
  if (!session.options.script.empty()) return run_script(session, Direction::upgrade);
  const std::string& target = session.options.target;
  StepObserver observer(session.output);
  const auto opened = session.open(Needs::database, &observer);
  Project& project = opened->project();
  set_lock_timeout(session, project);
  std::vector<std::string> heads;
  if (nothing_to_upgrade(project, target, heads)) {
    const RunReport report = report_at_head(std::move(heads), session.options.dry_run);
    return finish_run(session, report, Direction::upgrade, already_at_head(report.heads));
  }
  const RunReport report = run(session, *opened, Direction::upgrade);
  return finish_run(session, report, Direction::upgrade, nothing_upgraded(report, target));
}

int run_downgrade(Session& session) {
  if (!session.options.script.empty()) return run_script(session, Direction::downgrade);
  StepObserver observer(session.output);
  const auto opened = session.open(Needs::database, &observer);
  Project& project = opened->project();
  set_lock_timeout(session, project);
  const RunReport report = run(session, *opened, Direction::downgrade);
  return finish_run(session, report, Direction::downgrade, nothing_downgraded(report, session.options.target));
}

int run_stamp(Session& session) {
  const Options& options = session.options;
  if (options.targets.empty()) throw Error(Kind::usage, "stamp needs a revision", "for example: treering stamp head");
  NoteObserver observer(session.output);
  const auto opened = session.open(Needs::database, &observer);
  Project& project = opened->project();
  set_lock_timeout(session, project);
  const RunReport report = stamp(project, options.targets, options.purge);
  if (session.output.json()) session.output.document(document_of(report, session.output));
  if (report.failure) {
    if (!session.output.json()) throw Error(*report.failure);
    return report.failure->exit_code();
  }
  session.output.result(fmt::format("stamped, {}", now_at_text(report)));
  return 0;
}

}  // namespace treering
