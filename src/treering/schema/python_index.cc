// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/python_index.h"

#include <algorithm>
#include <array>

#include "treering/base/quote.h"
#include "treering/schema/operation.h"
#include "treering/schema/python_value.h"

namespace treering {
namespace {

constexpr std::array<std::string_view, 6> kFirstOptions{
    "unique", "sparse", "expireAfterSeconds", "partialFilterExpression", "collation", "hidden"};
// Arguments of create_index that are no part of the specification.
constexpr std::array<std::string_view, 5> kTakenArguments{"self", "keys", "session", "comment", "maxTimeMS"};

bool is_for_key(const Field& field) {
  switch (field.type()) {
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64:
    case BSON_TYPE_BOOL:
    case BSON_TYPE_UTF8:
    case BSON_TYPE_DOCUMENT:
      return true;
    default:
      return false;
  }
}

// Where Python's own default name would be another, or none, the name is written always.
bool has_default_name(const Document& key, const Document& specification) {
  const bool plain = std::ranges::all_of(key.fields(), [](const Field& field) {
    return field.type() == BSON_TYPE_INT32 || field.type() == BSON_TYPE_INT64 || field.type() == BSON_TYPE_UTF8;
  });
  return plain && index_name(specification) == default_index_name(key);
}

Brackets key_argument(const Document& key, Imports& imports) {
  const auto fields = key.fields();
  Brackets result;
  const bool is_single = fields.size() == 1 && fields[0].type() == BSON_TYPE_INT32 && *fields[0].integer() == 1;
  if (is_single) {
    result.text = python_double_quoted(fields[0].key());
    return result;
  }
  result.text = "[";
  result.close = "]";
  for (const Field& field : fields) {
    Brackets value;
    value.text = field.type() == BSON_TYPE_UTF8 ? python_double_quoted(*field.string()) : "";
    Brackets pair;
    pair.text = "(";
    pair.items.emplace_back().text = python_double_quoted(field.key());
    pair.items.push_back(value.text.empty() ? python_brackets(field, imports) : std::move(value));
    pair.close = ")";
    result.items.push_back(std::move(pair));
  }
  return result;
}

std::size_t rank(std::string_view option) {
  return static_cast<std::size_t>(std::ranges::find(kFirstOptions, option) - kFirstOptions.begin());
}

std::vector<Field> ordered_options(const Document& specification) {
  std::vector<Field> options;
  for (const Field& field : specification.fields())
    if (field.key() != "key" && field.key() != "name") options.push_back(field);
  std::ranges::sort(options, {}, [](const Field& field) { return std::pair(rank(field.key()), field.key()); });
  return options;
}

}  // namespace

bool is_for_create_index(const Document& specification) {
  const auto key = specification.document("key").value_or(Document());
  const auto is_taken = [](const Field& field) {
    return std::ranges::find(kTakenArguments, field.key()) != kTakenArguments.end();
  };
  return !key.empty() && std::ranges::all_of(key.fields(), is_for_key) &&
         std::ranges::none_of(specification.fields(), is_taken);
}

std::vector<Brackets> index_arguments(const Document& key, const Document& specification, NameQuotes quotes,
                                      Imports& imports) {
  std::vector<Brackets> arguments{key_argument(key, imports)};
  if (!has_default_name(key, specification)) {
    const std::string name = index_name(specification);
    arguments.emplace_back().text =
        "name=" + (quotes == NameQuotes::double_ones ? python_double_quoted(name) : python_quoted(name));
  }
  for (Brackets& option : python_keywords(ordered_options(specification), imports))
    arguments.push_back(std::move(option));
  return arguments;
}

}  // namespace treering
