// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/python_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "treering/base/error.h"
#include "treering/base/quote.h"
#include "treering/schema/python_scalar.h"

namespace treering {
namespace {

constexpr std::array<std::string_view, 35> kKeywords{
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};

bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// Of the fields, or of a list's items. An empty one is an atom.
template <class Fields, class Item>
Brackets bracketed(char open, const Fields& fields, char close, const Item& item) {
  Brackets result;
  result.text = open;
  result.close = close;
  for (const auto& field : fields) result.items.push_back(item(field));
  return result;
}

Brackets dictionary(const std::vector<Field>& fields, Imports& imports) {
  std::set<std::string_view> names;
  return bracketed('{', fields, '}', [&](const Field& field) {
    if (!names.insert(field.key()).second)
      throw Error(Kind::usage, fmt::format("a document has two fields {}, which Python can't hold", field.key()),
                  "give each field a name of its own")
          .with("field", std::string(field.key()));
    return prefixed(python_quoted(field.key()) + ": ", python_brackets(field, imports));
  });
}

Brackets code_with_scope(const Field& value, Imports& imports) {
  std::uint32_t length = 0;
  std::uint32_t scope_length = 0;
  const std::uint8_t* scope = nullptr;
  const char* code = bson_iter_codewscope(&value.iter(), &length, &scope_length, &scope);
  imports.add("bson", "Code");
  Brackets text;
  text.text = python_quoted({code, length});
  return python_call("Code", {text, python_brackets(Document::from_bytes({scope, scope_length}), imports)});
}

std::string laid_out_in_python(const Brackets& brackets, const Layout& layout) {
  BracketLayout lines;
  lines.indent = layout.indent;
  lines.column = layout.column;
  lines.columns = layout.columns;
  return laid_out(brackets, lines);
}

}  // namespace

void Imports::add(const std::string& module, const std::string& name) { names_[module].insert(name); }

std::string Imports::lines() const {
  // The standard library first, as every sorter of imports has it.
  const auto line = [](const std::string& module, const std::set<std::string>& names) {
    return fmt::format("from {} import {}\n", module, fmt::join(names, ", "));
  };
  std::string standard;
  std::string others;
  for (const auto& [module, names] : names_) (module == "datetime" ? standard : others) += line(module, names);
  return standard + (standard.empty() || others.empty() ? "" : "\n") + others;
}

bool is_python_name(std::string_view text) {
  return !text.empty() && starts_name(text.front()) &&
         std::ranges::all_of(text, [](char c) { return starts_name(c) || (c >= '0' && c <= '9'); }) &&
         std::ranges::find(kKeywords, text) == kKeywords.end();
}

Brackets prefixed(std::string_view before, Brackets value) {
  value.text.insert(0, before);
  return value;
}

Brackets python_call(std::string_view name, std::vector<Brackets> arguments) {
  const std::string open = std::string(name) + "(";
  if (arguments.size() == 1 && !arguments.front().items.empty()) {
    Brackets result = prefixed(open, std::move(arguments.front()));
    result.close += ")";
    return result;
  }
  Brackets result;
  result.text = open;
  result.items = std::move(arguments);
  result.close = ")";
  return result;
}

std::vector<Brackets> python_keywords(const std::vector<Field>& fields, Imports& imports) {
  std::vector<Brackets> result;
  std::vector<Field> others;
  for (const Field& field : fields) {
    if (is_python_name(field.key()))
      result.push_back(prefixed(std::string(field.key()) + "=", python_brackets(field, imports)));
    else
      others.push_back(field);
  }
  if (!others.empty()) result.push_back(prefixed("**", dictionary(others, imports)));
  return result;
}

Brackets python_brackets(const Field& value, Imports& imports) {
  if (value.is_document()) return python_brackets(*value.document(), imports);
  if (value.is_array()) {
    const Document items = *value.document();
    return bracketed('[', items.fields(), ']', [&](const Field& item) { return python_brackets(item, imports); });
  }
  if (value.type() == BSON_TYPE_CODEWSCOPE) return code_with_scope(value, imports);
  Brackets result;
  result.text = python_scalar(value, imports);
  return result;
}

Brackets python_brackets(const Document& document, Imports& imports) { return dictionary(document.fields(), imports); }

Brackets python_list(const std::vector<Document>& documents, Imports& imports) {
  return bracketed('[', documents, ']', [&](const Document& each) { return python_brackets(each, imports); });
}

std::string python_value(const Field& value, Imports& imports, const Layout& layout) {
  return laid_out_in_python(python_brackets(value, imports), layout);
}

std::string python_document(const Document& document, Imports& imports, const Layout& layout) {
  return laid_out_in_python(python_brackets(document, imports), layout);
}

}  // namespace treering
