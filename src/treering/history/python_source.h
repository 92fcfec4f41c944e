// SPDX-License-Identifier: Apache-2.0
// As much of Python's lexical rules as reading a module's literal assignments takes: logical lines, strings, brackets.
// Never runs anything. Any bytes may come in: it neither fails nor loops on them, except by SourceError where a literal
// that was asked for isn't one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace treering {

// What is wrong, and at which byte of the source.
struct SourceError {
  std::string what;
  std::size_t pos = 0;
};

// None, a string, or a tuple or list of strings.
struct PythonLiteral {
  enum class Type { none, string, sequence };
  Type type = Type::none;
  std::string text;
  std::vector<std::string> items;
  std::size_t pos = 0;  // where it stands
};

class PythonSource {
 public:
  // Borrows the text. A byte order mark at its start is passed over.
  explicit PythonSource(std::string_view text);

  // Goes to the first token of the next statement that starts a line and is not blank; gives its column, or nothing at
  // the end.
  std::optional<std::size_t> next_line();
  // Passes over the rest of the statement; true where another one follows it on the same line (after a semicolon), and
  // the cursor stands on it.
  bool skip_statement();
  // Passes over the rest of the logical line, semicolons included.
  void skip_line();
  // Passes over white space, continued lines and, inside brackets, comments and line ends.
  void skip_space();

  char peek(std::size_t ahead = 0) const { return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0'; }
  bool stands_at(std::string_view token) const { return text_.substr(pos_, token.size()) == token; }
  bool at_statement_end() const;       // at the end of the line or text, a semicolon or a comment
  std::string_view peek_word() const;  // the name or keyword at the cursor; "" where none is
  std::size_t position() const { return pos_; }
  bool is_end(std::size_t pos) const { return pos >= text_.size(); }
  void go_to(std::size_t pos) { pos_ = pos, depth_ = 0; }  // REQUIRES: outside of brackets

  // Passes over the next token and gives its text: a string, a word or number, a comment, a line end (a continued one
  // too), or one or two other characters; white space is a token for each character. REQUIRES: not at the text's end.
  std::string_view take_token();

  // Passes over a single "=" and the space after it; false (nothing moved) where there is none.
  bool take_assign();
  // After a name's ":": passes over the annotation and its "="; false where the statement ends without one.
  bool skip_annotation();

  // The literal at the cursor, a tuple without parentheses included, and the space after it. Throws SourceError, and
  // then the cursor is anywhere.
  enum class Strictness {
    literal,
    docstring
  };  // in a docstring, an escape that we can't decode stays as it is written
  PythonLiteral read_literal(Strictness strictness);

  // Where a bracket or a string was opened that the text's end found open.
  std::optional<std::size_t> left_open() const { return left_open_; }
  // 1-based line of a byte.
  std::size_t line_of(std::size_t pos) const;

 private:
  struct StringToken {
    std::string_view prefix;
    std::string_view body;  // between the quotes
    std::size_t end = 0;    // after the closing quote
    bool closed = false;
  };

  std::optional<StringToken> string_at(std::size_t pos) const;
  std::size_t body_end(std::size_t pos, char quote, bool triple) const;
  bool is_line_end(std::size_t pos) const;
  std::size_t after_line_end(std::size_t pos) const;
  void skip_comment();
  bool skip_string();
  void skip_token();
  enum class Until { statement, line, assign };
  bool skip_until(Until until);
  std::optional<std::string> read_strings(
      Strictness strictness);  // adjacent ones joined; nothing where none is, or one has a prefix f, b or t
  PythonLiteral read_list(char close, Strictness strictness);
  PythonLiteral read_atom(Strictness strictness);

  std::string_view text_;
  std::size_t pos_ = 0;
  std::size_t depth_ = 0;   // of open brackets
  std::size_t opened_ = 0;  // where the outermost of them stands
  std::optional<std::size_t> left_open_;
};

}  // namespace treering
