// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/mongosh_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "treering/base/error.h"
#include "treering/base/quote.h"
#include "treering/schema/mongosh.h"
#include "treering/schema/mongosh_scalar.h"

namespace treering {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }

// "0", "17": what JavaScript may take for an array's index and put before all other names, in order.
bool is_index(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, is_digit) && (key.size() == 1 || key.front() != '0');
}

bool is_below(std::string_view a, std::string_view b) { return a.size() != b.size() ? a.size() < b.size() : a < b; }

std::string property(std::string_view key) {
  if (key == "__proto__") return "[\"__proto__\"]: ";  // written plainly it would be the object's prototype
  const bool is_name = !key.empty() && starts_name(key.front()) &&
                       std::ranges::all_of(key, [](char c) { return starts_name(c) || is_digit(c); });
  return (is_name ? std::string(key) : javascript_quoted(key)) + ": ";
}

Brackets prefixed(std::string_view before, Brackets value) {
  value.text.insert(0, before);
  return value;
}

Brackets list(std::vector<Brackets> items) { return {"[", std::move(items), "]"}; }

void require_each_once(const std::vector<Field>& fields) {
  std::set<std::string_view> names;
  for (const Field& field : fields)
    if (!names.insert(field.key()).second)
      throw Error(
          Kind::usage,
          fmt::format("a document has two fields {}, which JavaScript can't hold", javascript_quoted(field.key())),
          "give each field a name of its own")
          .with("field", std::string(field.key()));
}

Brackets code_with_scope(const Field& value) {
  std::uint32_t length = 0;
  std::uint32_t scope_length = 0;
  const std::uint8_t* scope = nullptr;
  const char* code = bson_iter_codewscope(&value.iter(), &length, &scope_length, &scope);
  const std::string_view text(code, length);
  return mongosh_call("Code", {mongosh_text(text), mongosh_brackets(Document::from_bytes({scope, scope_length}))});
}

}  // namespace

bool is_plain_object(const Document& document) {
  std::string last;
  bool only_indexes = true;
  for (const Field& field : document.fields()) {
    if (field.key() == "_bsontype") return false;  // how mongosh's own types are told
    if (!is_index(field.key())) {
      only_indexes = false;
      continue;
    }
    if (!only_indexes || (!last.empty() && !is_below(last, field.key()))) return false;
    last = field.key();
  }
  return true;
}

Brackets mongosh_text(std::string_view text) { return {javascript_quoted(text), {}, {}}; }

Brackets mongosh_call(std::string_view name, std::vector<Brackets> arguments) {
  const std::string open = std::string(name) + "(";
  if (arguments.size() == 1 && !arguments.front().items.empty()) {
    Brackets result = prefixed(open, std::move(arguments.front()));
    result.close += ")";
    return result;
  }
  return {open, std::move(arguments), ")"};
}

Brackets mongosh_brackets(const Document& document) {
  const auto fields = document.fields();
  require_each_once(fields);
  const bool is_plain = is_plain_object(document);
  std::vector<Brackets> items;
  items.reserve(fields.size());
  for (const Field& field : fields) {
    Brackets value = mongosh_brackets(field);
    items.push_back(is_plain ? prefixed(property(field.key()), std::move(value))
                             : list({mongosh_text(field.key()), std::move(value)}));
  }
  if (is_plain) return {"{", std::move(items), "}"};
  return mongosh_call("new Map", {list(std::move(items))});
}

Brackets mongosh_brackets(const Field& value) {
  if (value.is_document()) return mongosh_brackets(*value.document());
  if (value.is_array()) {
    const Document items = *value.document();
    std::vector<Brackets> result;
    for (const Field& item : items.fields()) result.push_back(mongosh_brackets(item));
    return list(std::move(result));
  }
  if (value.type() == BSON_TYPE_CODEWSCOPE) return code_with_scope(value);
  return {mongosh_scalar(value), {}, {}};
}

Brackets mongosh_list(const std::vector<Document>& documents) {
  std::vector<Brackets> items;
  items.reserve(documents.size());
  for (const Document& each : documents) items.push_back(mongosh_brackets(each));
  return list(std::move(items));
}

std::string mongosh_value(const Field& value, const BracketLayout& layout) {
  return laid_out(mongosh_brackets(value), layout);
}

std::string mongosh_document(const Document& document, const BracketLayout& layout) {
  return laid_out(mongosh_brackets(document), layout);
}

}  // namespace treering
