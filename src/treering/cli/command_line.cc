// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/command_line.h"

#include <fmt/format.h>

#include <exception>
#include <string>

#include "treering/base/error.h"
#include "treering/cli/arguments.h"
#include "treering/cli/help.h"
#include "treering/cli/json.h"
#include "treering/cli/output.h"
#include "treering/cli/standard_streams.h"
#include "treering/cli/text.h"
#include "treering/cli/verbs.h"
#include "treering/disk/system_clock.h"

namespace treering {
namespace {

OutputStyle style_of(const Options& options) {
  const bool source_only = options.script == "-";
  return {options.json, options.quiet, options.verbose, options.no_color, source_only};
}

int report_error(Output& output, const Error& error) {
  if (output.json()) {
    output.document(with_error(Json::object(), error));
    return error.exit_code();
  }
  output.message(fmt::format("{} {}", output.on_stderr(Colour::red, "error:"), many_lines(error.what())));
  if (const std::string traceback = many_lines(error.field("traceback")); !traceback.empty())
    output.message(indented(traceback, "  "));
  if (!error.hint().empty()) output.message(indented(many_lines(error.hint()), "  "));
  return error.exit_code();
}

int report_internal(Output& output, const std::string& what) {
  constexpr int kExitCode = 1;
  if (output.json()) {
    output.document({{"error", {{"kind", "internal"}, {"message", what}, {"hint", ""}, {"fields", Json::object()}}},
                     {"exit_code", kExitCode}});
  } else {
    output.message(fmt::format("{} {}", output.on_stderr(Colour::red, "internal error:"), many_lines(what)));
  }
  return kExitCode;
}

// The one place where errors end.
template <typename Action>
int guarded(Output& output, Action action) {
  try {
    return action();
  } catch (const Error& error) {
    return report_error(output, error);
  } catch (const std::exception& error) {
    return report_internal(output, error.what());
  }
}

std::string help_of(const ParsedArguments& parsed, const std::string& program) {
  return parsed.command != nullptr ? help_text(program, *parsed.command) : help_text(program);
}

int run_command(const ParsedArguments& parsed, const std::vector<std::string>& arguments, const CommandLineHost& host,
                Output& output) {
  // Only a host of code prints what isn't ours; and the handover keeps the streams as they are.
  if ((output.json() || output.source_only()) && host.scripts != nullptr) output.keep_stdout();
  Session session{parsed.options, arguments, host, output, host.check_interrupted};
  if (!session.check_interrupted) session.check_interrupted = catch_stop_signals();
  return parsed.command->run(session);
}

int dispatch(const ParsedArguments& parsed, const std::vector<std::string>& arguments, const CommandLineHost& host,
             Output& output) {
  if (parsed.options.version) {
    if (output.json()) output.document({{"version", TREERING_VERSION}});
    output.result("treering " TREERING_VERSION);
    return 0;
  }
  if (parsed.options.help || parsed.help_command) {
    const std::string help = help_of(parsed, host.program);
    if (output.json()) output.document({{"help", help}});
    output.result(help);
    return 0;
  }
  if (parsed.command != nullptr) return run_command(parsed, arguments, host, output);
  if (output.json()) throw Error(Kind::usage, "no command was given", host.program + " --help lists the commands");
  output.message(help_text(host.program));
  return kind_row(Kind::usage).exit_code;
}

}  // namespace

int command_line(const std::vector<std::string>& arguments, const CommandLineHost& host) {
  hold_standard_streams();
  ParsedArguments parsed;
  Output words_output(OutputStyle{.json = asks_for_json(arguments)});
  const int failed = guarded(words_output, [&] {
    parsed = parse_arguments(arguments);
    return 0;
  });
  if (failed != 0) return words_output.exit_code(failed);
  Output output(style_of(parsed.options), host.line);
  output.notes_told(host.notes_told);
  const int code = output.exit_code(guarded(output, [&] { return dispatch(parsed, arguments, host, output); }));
  if (output.stdout_kept() && host.stdout_was_kept) host.stdout_was_kept();
  return code;
}

}  // namespace treering
