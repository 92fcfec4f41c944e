// SPDX-License-Identifier: Apache-2.0
// The cursor's part that takes values: strings, None, and sequences of strings.
#include <algorithm>
#include <string>
#include <string_view>

#include "treering/history/python_source.h"
#include "treering/history/python_string.h"

namespace treering {
namespace {

constexpr std::size_t kDeepest = 200;  // Python's own limit of nested brackets

bool has_letter(std::string_view prefix, char lower) {
  return std::any_of(prefix.begin(), prefix.end(), [&](char c) { return (c | 0x20) == lower; });
}

// "", r and u give a plain string; f, b and t something else, ur nothing that Python knows.
bool is_plain(std::string_view prefix) {
  return prefix.empty() || (prefix.size() == 1 && (has_letter(prefix, 'r') || has_letter(prefix, 'u')));
}

void add_item(PythonLiteral& list, PythonLiteral item) {
  if (item.type != PythonLiteral::Type::string) throw SourceError{"this isn't a string", item.pos};
  list.items.push_back(std::move(item.text));
}

}  // namespace

std::optional<std::string> PythonSource::read_strings(Strictness strictness) {
  const BadEscape bad = strictness == Strictness::literal ? BadEscape::refused : BadEscape::kept;
  const std::size_t start = pos_;
  std::optional<std::string> value;
  while (const auto token = string_at(pos_)) {
    if (!is_plain(token->prefix)) {
      pos_ = start;
      return std::nullopt;
    }
    if (!token->closed) throw SourceError{"this string isn't closed", pos_};
    try {
      std::string part =
          decode_python_string(token->body, has_letter(token->prefix, 'r') ? Escapes::raw : Escapes::decoded, bad);
      value = value ? *std::move(value) + part : std::move(part);
    } catch (SourceError& error) {
      error.pos += static_cast<std::size_t>(token->body.data() - text_.data());
      throw;
    }
    pos_ = token->end;
    skip_space();
  }
  return value;
}

PythonLiteral PythonSource::read_atom(Strictness strictness) {
  PythonLiteral literal;
  literal.pos = pos_;
  if (peek() == '(' || peek() == '[') {
    if (++depth_ > kDeepest) throw SourceError{"too many brackets inside each other", pos_};
    const char close = peek() == '(' ? ')' : ']';
    ++pos_;
    return read_list(close, strictness);
  }
  if (peek_word() == "None") {
    pos_ += 4;
    return literal;
  }
  auto text = read_strings(strictness);
  if (!text) throw SourceError{"this isn't a literal", pos_};
  literal.type = PythonLiteral::Type::string;
  literal.text = *std::move(text);
  return literal;
}

PythonLiteral PythonSource::read_list(char close, Strictness strictness) {
  PythonLiteral list;
  list.type = PythonLiteral::Type::sequence;
  list.pos = pos_ - 1;
  for (skip_space(); peek() != close; skip_space()) {
    PythonLiteral item = read_atom(strictness);
    skip_space();
    if (peek() == close && close == ')' && list.items.empty()) {  // parentheses alone make no tuple
      list = std::move(item);
      break;
    }
    add_item(list, std::move(item));
    if (peek() != ',' && peek() != close) throw SourceError{"this isn't a literal", pos_};
    if (peek() == ',') ++pos_;
  }
  ++pos_;
  --depth_;
  return list;
}

PythonLiteral PythonSource::read_literal(Strictness strictness) {
  PythonLiteral first = read_atom(strictness);
  skip_space();
  if (peek() != ',') return first;
  PythonLiteral list;
  list.type = PythonLiteral::Type::sequence;
  list.pos = first.pos;
  add_item(list, std::move(first));
  while (peek() == ',') {
    ++pos_;
    skip_space();
    if (at_statement_end()) break;
    add_item(list, read_atom(strictness));
    skip_space();
  }
  return list;
}

}  // namespace treering
