// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/model_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "treering/base/nearest.h"

namespace treering {
namespace {

bool is_number(const Field& field) { return field.number() && field.type() != BSON_TYPE_BOOL; }

bool is_of_type(const Field& field, SettingType type) {
  switch (type) {
    case SettingType::flag:
      return field.number().has_value();
    case SettingType::boolean:
      return field.type() == BSON_TYPE_BOOL;
    case SettingType::number:
      return is_number(field);
    case SettingType::text:
      return field.string().has_value();
    case SettingType::document:
      return field.is_document();
    case SettingType::list:
      return field.is_array();
    case SettingType::number_or_text:
      return is_number(field) || field.string();
    case SettingType::text_or_document:
      return field.is_document() || field.string();
  }
  return false;
}

std::string_view words_of(SettingType type) {
  switch (type) {
    case SettingType::flag:
    case SettingType::boolean:
      return "True or False";
    case SettingType::number:
      return "a number";
    case SettingType::text:
      return "a string";
    case SettingType::document:
      return "a dict";
    case SettingType::list:
      return "a list";
    case SettingType::number_or_text:
      return "a number or \"off\"";
    case SettingType::text_or_document:
      return "a dict or a string";
  }
  return "";
}

std::string hint_for(std::string_view name, std::span<const Setting> table, const std::string& whole) {
  std::vector<std::string> names;
  for (const Setting& setting : table) names.emplace_back(setting.name);
  const std::string near = nearest(name, names);
  if (!near.empty()) return fmt::format("did you mean \"{}\"?", near);
  return fmt::format("the options of {} are {}", whole, fmt::join(names, ", "));
}

constexpr std::array<Setting, 10> kCollation{{
    {"locale", SettingType::text},
    {"caseLevel", SettingType::boolean},
    {"caseFirst", SettingType::text},
    {"strength", SettingType::number},
    {"numericOrdering", SettingType::boolean},
    {"alternate", SettingType::text},
    {"maxVariable", SettingType::text},
    {"backwards", SettingType::boolean},
    {"normalization", SettingType::boolean},
    {"version", SettingType::text},
}};

// Some fields ask for more than the letters themselves to be compared.
void require_strength(const Document& collation, const ModelPlace& place) {
  const auto strength = collation.integer("strength").value_or(3);
  const bool has_case = collation.string("caseFirst").value_or("off") != "off";
  if (has_case && strength < 3 && !collation.boolean("caseLevel").value_or(false))
    throw model_error(place, "caseFirst of its collation needs caseLevel or a strength of 3 and more",
                      "add \"caseLevel\": True, or drop caseFirst");
  if (collation.boolean("backwards").value_or(false) && strength < 2)
    throw model_error(place, "backwards of its collation needs a strength of 2 and more",
                      "raise the strength, or drop backwards");
}

}  // namespace

void require_settings(const Document& document, std::span<const Setting> table, const std::string& whole,
                      const ModelPlace& place) {
  for (const Field& field : document.fields()) {
    const auto row = std::ranges::find(table, field.key(), &Setting::name);
    if (row == table.end())
      throw model_error(place, fmt::format("{} has no option \"{}\"", whole, field.key()),
                        hint_for(field.key(), table, whole));
    if (!is_of_type(field, row->type))
      throw model_error(place, fmt::format("{} of {} is of the wrong type", row->name, whole),
                        fmt::format("give it {}", words_of(row->type)));
  }
}

void require_word(const Document& document, std::string_view name, std::span<const std::string_view> words,
                  const ModelPlace& place) {
  const auto word = document.string(name);
  if (!word || std::ranges::find(words, *word) != words.end()) return;
  throw model_error(place, fmt::format("{} can't be \"{}\"", name, *word),
                    fmt::format("it is one of {}", fmt::join(words, ", ")));
}

void require_collation(const Document& collation, const ModelPlace& place) {
  constexpr std::array<std::string_view, 3> kCases{"off", "upper", "lower"};
  constexpr std::array<std::string_view, 2> kAlternates{"non-ignorable", "shifted"};
  constexpr std::array<std::string_view, 2> kVariables{"punct", "space"};
  require_settings(collation, kCollation, "a collation", place);
  if (collation.string("locale").value_or("").empty())
    throw model_error(place, "its collation has no locale", "give it one, as {\"locale\": \"en\", \"strength\": 2}");
  require_word(collation, "caseFirst", kCases, place);
  require_word(collation, "alternate", kAlternates, place);
  require_word(collation, "maxVariable", kVariables, place);
  const auto strength = collation.find("strength");
  if (strength && !(*strength->number() >= 1 && *strength->number() <= 5))
    throw model_error(place, "the strength of its collation is out of range", "it is a number from 1 to 5");
  require_strength(collation, place);
}

}  // namespace treering
