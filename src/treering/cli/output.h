// SPDX-License-Identifier: Apache-2.0
// The two streams of a command: results on stdout, messages on stderr; and with --json one document on stdout and
// nothing else.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "treering/cli/terminal_line.h"

namespace treering {

enum class Colour { none, red, green, yellow, bold, dim };

struct OutputStyle {
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool no_color = false;
  bool source_only = false;  // stdout is for what `source` gives: results go to stderr, as messages
};

// Nothing that goes out acts on a terminal, whatever a file or a server put into it: see many_lines and harmless_json
// in text.h. Writes unbuffered by line, so that what a revision prints itself stands where it belongs. Not
// synchronised.
class Output {
 public:
  // `line`: where code of migrations prints beside us, shared with it; nullptr: nobody else does.
  explicit Output(OutputStyle style, TerminalLine* line = nullptr);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  bool json() const { return style_.json; }
  bool quiet() const { return style_.quiet; }
  bool verbose() const { return style_.verbose; }

  bool source_only() const { return style_.source_only; }

  void result(std::string_view line);   // to stdout, with a line end; nothing with --json
  void source(std::string_view text);   // to stdout as it is: code, whose literals are harmless (base/quote.h)
  void message(std::string_view line);  // to stderr; always but with --json (the document says it)
  void note(std::string_view line);     // to stderr; not with --quiet. Kept for the document
  // These notes were shown by the process that we were before: the first of each is kept for the document alone.
  void notes_told(std::vector<std::string> lines) { told_ = std::move(lines); }
  // How far something has come: on a terminal (stderr) a line that the next one, or anything else, takes the place of;
  // elsewhere a line for those that matter (`milestone`). Nothing with --quiet and --json.
  enum class Step { often, milestone };
  void progress(std::string_view line, Step step);
  std::size_t columns() const;  // of a line of progress; as good as endless where stderr is no terminal
  void document(const nlohmann::ordered_json& value);  // to stdout
  // The end of a command: with --json the document, with the notes in it, else the line.
  void finish(nlohmann::ordered_json document, std::string_view line);

  // What the command ends with: that code, or a failure where its result could not be written (a full disk); said on
  // stderr then.
  int exit_code(int code);

  const std::vector<std::string>& notes() const { return notes_; }

  // The text in that colour where stdout (or stderr) is a terminal that wants colours, else as it is.
  std::string on_stdout(Colour colour, std::string_view text) const;
  std::string on_stderr(Colour colour, std::string_view text) const;

  // From here on whatever else in this process writes to stdout (a migration's print) goes to stderr, where stdout is
  // for one document or one source. `document` and `source` still reach the real one. Undone by the destructor.
  void keep_stdout();
  bool stdout_kept() const { return kept_fd_ >= 0; }

 private:
  OutputStyle style_;
  bool stdout_colours_ = false;
  bool stderr_colours_ = false;
  void clear_progress() { line_->clear(); }
  void note_written(bool written);
  bool write_alone(std::string_view text);

  bool stderr_is_terminal_ = false;
  TerminalLine own_line_;
  TerminalLine* line_;
  int kept_fd_ = -1;      // the real stdout while it is kept
  int result_errno_ = 0;  // why stdout didn't take something
  std::vector<std::string> notes_;
  std::vector<std::string> told_;
};

}  // namespace treering
