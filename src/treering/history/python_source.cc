// SPDX-License-Identifier: Apache-2.0
// One cursor over the bytes. Skipping is by tokens only as far as they hide line ends: strings, brackets, comments,
// continued lines.
#include "treering/history/python_source.h"

#include <algorithm>
#include <array>

namespace treering {
namespace {

bool is_word_char(char c) {
  static constexpr auto kTable = [] {
    std::array<bool, 256> table{};
    for (std::size_t i = 0; i < 256; ++i)
      table[i] = (i >= '0' && i <= '9') || (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z') || i == '_' || i >= 0x80;
    return table;
  }();
  return kTable[static_cast<unsigned char>(c)];
}

bool is_string_prefix(std::string_view word) {
  if (word.size() > 2) return false;
  return std::all_of(word.begin(), word.end(),
                     [](char c) { return std::string_view("rRuUbBfFtT").find(c) != std::string_view::npos; });
}

}  // namespace

PythonSource::PythonSource(std::string_view text) : text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) pos_ = 3;
}

bool PythonSource::is_line_end(std::size_t pos) const {
  return pos < text_.size() && (text_[pos] == '\n' || text_[pos] == '\r');
}

std::size_t PythonSource::after_line_end(std::size_t pos) const {
  return pos + (text_[pos] == '\r' && pos + 1 < text_.size() && text_[pos + 1] == '\n' ? 2 : 1);
}

std::size_t PythonSource::line_of(std::size_t pos) const {
  std::size_t line = 1;
  for (std::size_t i = 0; i < std::min(pos, text_.size());) {
    if (is_line_end(i)) {
      ++line;
      i = after_line_end(i);
    } else {
      ++i;
    }
  }
  return line;
}

std::optional<std::size_t> PythonSource::next_line() {
  depth_ = 0;
  std::size_t column = 0;
  while (pos_ < text_.size()) {
    switch (text_[pos_]) {
      case ' ':
        ++column, ++pos_;
        break;
      case '\t':
        column += 8 - column % 8, ++pos_;
        break;
      case '\f':
        column = 0, ++pos_;
        break;
      case '#':
        skip_comment();
        break;
      case '\r':
      case '\n':
        column = 0, pos_ = after_line_end(pos_);
        break;
      case '\\':  // a continued line has the column of its first part
        skip_space();
        if (peek() != '\\') return column;
        ++pos_;
        break;
      default:
        return column;
    }
  }
  return std::nullopt;
}

void PythonSource::skip_comment() { pos_ = std::min(text_.find_first_of("\r\n", pos_), text_.size()); }

void PythonSource::skip_space() {
  while (pos_ < text_.size()) {
    const char c = text_[pos_];
    if (c == ' ' || c == '\t' || c == '\f')
      ++pos_;
    else if (c == '\\' && is_line_end(pos_ + 1))
      pos_ = after_line_end(pos_ + 1);
    else if (depth_ > 0 && c == '#')
      skip_comment();
    else if (depth_ > 0 && is_line_end(pos_))
      pos_ = after_line_end(pos_);
    else
      return;
  }
}

bool PythonSource::at_statement_end() const {
  return pos_ >= text_.size() || is_line_end(pos_) || text_[pos_] == ';' || text_[pos_] == '#';
}

std::string_view PythonSource::peek_word() const {
  if (pos_ >= text_.size() || !is_word_char(text_[pos_]) || (text_[pos_] >= '0' && text_[pos_] <= '9')) return {};
  std::size_t end = pos_;
  while (end < text_.size() && is_word_char(text_[end])) ++end;
  return text_.substr(pos_, end - pos_);
}

std::size_t PythonSource::body_end(std::size_t pos, char quote, bool triple) const {
  for (; pos < text_.size(); ++pos) {
    const char c = text_[pos];
    if (c == '\\') {
      ++pos;  // in raw strings too, a backslash keeps the quote after it from closing
      if (pos + 1 < text_.size() && text_[pos] == '\r' && text_[pos + 1] == '\n') ++pos;
    } else if (c == quote) {
      if (!triple || (pos + 2 < text_.size() && text_[pos + 1] == quote && text_[pos + 2] == quote)) return pos;
    } else if (!triple && (c == '\n' || c == '\r')) {
      return pos;
    }
  }
  return text_.size();
}

std::optional<PythonSource::StringToken> PythonSource::string_at(std::size_t pos) const {
  std::size_t open = pos;
  while (open < text_.size() && open < pos + 3 && is_word_char(text_[open])) ++open;
  StringToken token;
  token.prefix = text_.substr(pos, open - pos);
  if (open >= text_.size() || (text_[open] != '"' && text_[open] != '\'') || !is_string_prefix(token.prefix))
    return std::nullopt;
  const char quote = text_[open];
  const bool triple = open + 2 < text_.size() && text_[open + 1] == quote && text_[open + 2] == quote;
  const std::size_t width = triple ? 3 : 1;
  const std::size_t close = body_end(open + width, quote, triple);
  token.body = text_.substr(open + width, close - open - width);
  token.closed = close < text_.size() && text_[close] == quote;
  token.end = token.closed ? close + width : close;
  return token;
}

bool PythonSource::skip_string() {
  const auto token = string_at(pos_);
  if (!token) return false;
  if (!token->closed && token->end == text_.size()) left_open_ = pos_;
  pos_ = token->end;
  return true;
}

// Passes over one token; the cursor isn't at the text's end, and not at a line end or a semicolon outside of brackets.
void PythonSource::skip_token() {
  const char c = text_[pos_];
  if (is_word_char(c) || c == '"' || c == '\'') {
    if (skip_string()) return;
    while (pos_ < text_.size() && is_word_char(text_[pos_])) ++pos_;
  } else if (c == '(' || c == '[' || c == '{') {
    if (depth_++ == 0) opened_ = pos_;
    ++pos_;
  } else if (c == ')' || c == ']' || c == '}') {
    if (depth_ > 0) --depth_;
    ++pos_;
  } else if (c == '#') {
    skip_comment();
  } else if (is_line_end(pos_)) {
    pos_ = after_line_end(pos_);
  } else if (c == '\\' && is_line_end(pos_ + 1)) {
    pos_ = after_line_end(pos_ + 1);
  } else {
    pos_ += std::string_view("=!<>").find(c) != std::string_view::npos && peek(1) == '='
                ? 2
                : 1;  // a comparison is no assignment
  }
}

std::string_view PythonSource::take_token() {
  const std::size_t start = pos_;
  skip_token();
  return text_.substr(start, pos_ - start);
}

bool PythonSource::skip_until(Until until) {
  while (pos_ < text_.size()) {
    if (depth_ == 0) {
      const char c = text_[pos_];
      if (is_line_end(pos_)) return false;
      if (c == ';' && until != Until::line) return until == Until::statement;
      if (c == '=' && until == Until::assign && peek(1) != '=') return true;
    }
    skip_token();
  }
  if (depth_ > 0) left_open_ = opened_;
  return false;
}

bool PythonSource::skip_statement() {
  if (!skip_until(Until::statement)) return false;
  ++pos_;
  skip_space();
  return !at_statement_end();
}

void PythonSource::skip_line() { skip_until(Until::line); }

bool PythonSource::take_assign() {
  if (peek() != '=' || peek(1) == '=') return false;
  ++pos_;
  skip_space();
  return true;
}

bool PythonSource::skip_annotation() { return skip_until(Until::assign) && take_assign(); }

}  // namespace treering
