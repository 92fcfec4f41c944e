// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/output.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include "treering/cli/text.h"

namespace treering {
namespace {

bool wants_colours(int fd, bool no_color) {
  if (no_color || isatty(fd) == 0) return false;
  const char* off = std::getenv("NO_COLOR");
  if (off != nullptr && *off != '\0') return false;
  const char* terminal = std::getenv("TERM");
  return terminal == nullptr || std::string_view(terminal) != "dumb";
}

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::red:
      return "\x1b[31m";
    case Colour::green:
      return "\x1b[32m";
    case Colour::yellow:
      return "\x1b[33m";
    case Colour::bold:
      return "\x1b[1m";
    case Colour::dim:
      return "\x1b[2m";
    case Colour::none:
      break;
  }
  return {};
}

constexpr std::string_view kPlain = "\x1b[0m";

// Our own colour code at the text's start; "" where there is none.
std::string_view code_at(std::string_view text) {
  static const std::array<std::string_view, 6> kCodes{kPlain,
                                                      code_of(Colour::red),
                                                      code_of(Colour::green),
                                                      code_of(Colour::yellow),
                                                      code_of(Colour::bold),
                                                      code_of(Colour::dim)};
  const auto* found = std::ranges::find_if(kCodes, [&](std::string_view code) { return text.starts_with(code); });
  return found == kCodes.end() ? std::string_view() : *found;
}

// The line without anything that acts on a terminal but our colours, whoever put it together: the last of two nets, as
// what comes from files and servers is made harmless where it is put into a line.
std::string harmless_line(std::string_view line, bool colours) {
  if (!colours) return many_lines(line);
  std::string result;
  while (!line.empty()) {
    const std::string_view code = code_at(line);
    result += code;
    line.remove_prefix(code.size());
    const std::size_t end = std::min(line.find('\x1b', code.empty() ? 1 : 0), line.size());
    result += many_lines(line.substr(0, end));
    line.remove_prefix(end);
  }
  return result;
}

std::string coloured(bool on, Colour colour, std::string_view text) {
  if (!on || colour == Colour::none || text.empty()) return std::string(text);
  return std::string(code_of(colour)).append(text).append(kPlain);
}

// False where it wasn't written.
bool write_line(std::FILE* stream, std::string_view line) {
  std::string text(line);
  text += '\n';
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size() && std::fflush(stream) == 0;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Output::Output(OutputStyle style, TerminalLine* line)
    : style_(style),
      stdout_colours_(wants_colours(style.source_only ? STDERR_FILENO : STDOUT_FILENO, style.no_color)),
      stderr_colours_(wants_colours(STDERR_FILENO, style.no_color)),
      stderr_is_terminal_(isatty(STDERR_FILENO) != 0),
      line_(line == nullptr ? &own_line_ : line) {}

Output::~Output() {
  clear_progress();
  if (kept_fd_ < 0) return;
  std::fflush(stdout);
  ::dup2(kept_fd_, STDOUT_FILENO);
  ::close(kept_fd_);
}

// One less than the terminal has: in the last one some terminals begin the next line.
std::size_t Output::columns() const {
  constexpr std::size_t kEndless = 10000;
  constexpr std::size_t kUsual = 80;
  if (!stderr_is_terminal_) return kEndless;
  winsize size{};
  const bool is_known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return (is_known ? size.ws_col : kUsual) - 1;
}

void Output::progress(std::string_view line, Step step) {
  if (style_.quiet || style_.json) return;
  if (stderr_is_terminal_) {
    // What wraps would stay on the screen: the next line takes the place of the last row alone.
    std::string shown = harmless_line(line, stderr_colours_);
    if (display_width(shown) > columns()) shown = in_columns(shown, columns());
    line_->show(shown);
  } else if (step == Step::milestone) {
    write_line(stderr, harmless_line(line, stderr_colours_));
  }
}

void Output::result(std::string_view line) {
  if (style_.source_only) return message(line);
  clear_progress();
  if (!style_.json) note_written(write_line(stdout, harmless_line(line, stdout_colours_)));
}

// Nobody who reads (EPIPE: `treering log | head`) misses nothing.
void Output::note_written(bool written) {
  if (!written && result_errno_ == 0 && errno != EPIPE) result_errno_ = errno;
}

int Output::exit_code(int code) {
  if (result_errno_ == 0) return code;
  const std::string why = std::generic_category().message(std::exchange(result_errno_, 0));
  write_line(stderr, "error: the result can't be written to stdout: " + why +
                         "\n  what the command did it has done; write its output to another place");
  return code == 0 ? 1 : code;
}

void Output::source(std::string_view text) {
  clear_progress();
  if (!style_.json) note_written(write_alone(text));
}

// To the real stdout, also where it is kept.
bool Output::write_alone(std::string_view text) {
  return kept_fd_ < 0 ? write_line(stdout, text) : write_all(kept_fd_, std::string(text) + "\n");
}

void Output::message(std::string_view line) {
  clear_progress();
  if (!style_.json) write_line(stderr, harmless_line(line, stderr_colours_));
}

void Output::note(std::string_view line) {
  clear_progress();
  notes_.emplace_back(line);
  if (const auto told = std::ranges::find(told_, line); told != told_.end()) {
    told_.erase(told);
    return;
  }
  if (!style_.quiet) write_line(stderr, harmless_line(line, stderr_colours_));
}

void Output::finish(nlohmann::ordered_json document, std::string_view line) {
  document["notes"] = notes_;
  if (json()) this->document(document);
  result(line);
}

void Output::document(const nlohmann::ordered_json& value) {
  // Names from files and servers may hold bytes that aren't UTF-8: replaced, so that the document is always valid.
  const std::string text = harmless_json(value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  note_written(write_alone(text));
}

std::string Output::on_stdout(Colour colour, std::string_view text) const {
  return coloured(stdout_colours_, colour, text);
}

std::string Output::on_stderr(Colour colour, std::string_view text) const {
  return coloured(stderr_colours_, colour, text);
}

void Output::keep_stdout() {
  if (kept_fd_ >= 0) return;
  std::fflush(stdout);
  const int real = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (real < 0) return;
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  kept_fd_ = real;
}

}  // namespace treering
