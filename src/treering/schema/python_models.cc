// SPDX-License-Identifier: Apache-2.0
// A schema as a models file.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "treering/base/quote.h"
#include "treering/schema/python_index.h"
#include "treering/schema/python_value.h"
#include "treering/schema/render.h"

namespace treering {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The runs of letters and digits: "audit.trail" gives audit and trail.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : name) {
    const bool part = is_letter(c) || is_digit(c);
    if (part && !inside) words.emplace_back();
    if (part) words.back().push_back(c);
    inside = part;
  }
  return words;
}

void capitalise(std::string& word) {
  if (word[0] >= 'a' && word[0] <= 'z') word[0] = static_cast<char>(word[0] - 'a' + 'A');
}

// Gives each collection's class a name that nothing else in the file has.
class ClassNames {
 public:
  std::string take(std::string_view collection) {
    std::string wanted;
    for (std::string& word : words_of(collection)) {
      capitalise(word);
      wanted += word;
    }
    if (wanted.empty() || is_digit(wanted[0])) wanted.insert(0, "Collection");
    std::string name = wanted;
    // Counting goes on where it stopped: many collections that come down to one name don't start over each time.
    int& number = numbers_.try_emplace(wanted, 1).first->second;
    while (!is_python_name(name) || !taken_.insert(name).second) name = wanted + std::to_string(++number);
    return name;
  }

 private:
  // What the file imports or may import, or binds itself.
  std::unordered_set<std::string> taken_{"Collection", "Index",      "ALL_COLLECTIONS", "Binary", "Code",
                                         "DatetimeMS", "Decimal128", "Int64",           "MaxKey", "MinKey",
                                         "ObjectId",   "Regex",      "Timestamp"};
  std::unordered_map<std::string, int> numbers_;
};

// "Wallet history" of wallet_history; "" of a name that holds more than words.
std::string docstring(std::string_view name) {
  const bool plain = std::ranges::all_of(
      name, [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-' || c == ' '; });
  if (!plain) return {};
  std::vector<std::string> words = words_of(name);
  if (words.empty()) return {};
  capitalise(words.front());
  return fmt::format("{}", fmt::join(words, " "));
}

// `name = value`, inside a class.
std::string attribute(std::string_view name, Brackets value) {
  constexpr int kIndent = 4;
  BracketLayout layout;
  layout.indent = layout.column = kIndent;
  return fmt::format("    {}\n", laid_out(prefixed(fmt::format("{} = ", name), std::move(value)), layout));
}

Brackets quoted(std::string_view text) {
  Brackets result;
  result.text = python_double_quoted(text);
  return result;
}

Brackets indexes_of(const Collection& collection, Imports& imports) {
  Brackets result;
  result.text = "[";
  result.close = "]";
  result.shape = Brackets::Shape::broken;
  for (const Index& index : collection.indexes)
    result.items.push_back(
        python_call("Index", index_arguments(index.key(), index.spec, NameQuotes::double_ones, imports)));
  return result;
}

std::string class_of(const Collection& collection, const std::string& name, Imports& imports) {
  std::string text = fmt::format("class {}(Collection):\n", name);
  if (const std::string doc = docstring(collection.name); !doc.empty())
    text += fmt::format("    \"\"\"{}\"\"\"\n", doc);
  text += attribute("__collection_name__", quoted(collection.name));
  if (!collection.renamed_from.empty()) text += attribute("__renamed_from__", quoted(collection.renamed_from));
  if (!collection.options.empty()) text += attribute("__options__", python_brackets(collection.options, imports));
  if (!collection.indexes.empty()) text += attribute("__indexes__", indexes_of(collection, imports));
  if (!collection.data.empty()) {
    Brackets data = python_list(collection.data, imports);
    data.shape = Brackets::Shape::broken;
    text += attribute("__initial_data__", std::move(data));
  }
  if (!collection.shard_key.empty()) text += attribute("__shard_key__", python_brackets(collection.shard_key, imports));
  return text;
}

}  // namespace

std::string python_models(const Schema& schema) {
  Imports imports;
  imports.add("treering", "Collection");
  imports.add("treering", "Index");
  ClassNames names;
  Brackets all;
  all.text = "ALL_COLLECTIONS = [";
  all.close = "]";
  all.shape = Brackets::Shape::broken;
  std::string classes;
  for (const Collection& collection : schema.collections()) {
    const std::string name = names.take(collection.name);
    classes += class_of(collection, name, imports) + "\n\n";
    all.items.emplace_back().text = name;
  }
  return "\"\"\"The collections of this project's database, as they should be.\"\"\"\n\n" + imports.lines() +
         (schema.empty() ? "\n" : "\n\n") + classes + laid_out(all, {}) + "\n";
}

}  // namespace treering
