// SPDX-License-Identifier: Apache-2.0
// A server fills in every field of a collation that was left out: mongod with what its version of ICU has for the
// locale. So what is default in general and what is default for the locale both count as left out.
#include <algorithm>
#include <array>
#include <string>
#include <variant>

#include "treering/schema/canonical.h"
#include "treering/schema/canonical_fields.h"

namespace treering {
namespace {

using Value = std::variant<bool, int, std::string_view>;

struct Default {
  std::string_view field;
  Value value;
};
// In the order of the manual.
constexpr std::array<Default, 8> kDefaults{{
    {"caseLevel", false},
    {"caseFirst", std::string_view("off")},
    {"strength", 3},
    {"numericOrdering", false},
    {"alternate", std::string_view("non-ignorable")},
    {"maxVariable", std::string_view("punct")},
    {"backwards", false},
    {"normalization", false},
}};

struct LocaleDefault {
  std::string_view locale;
  Default of;
};
constexpr std::array<LocaleDefault, 4> kLocaleDefaults{{
    {"fr_CA", {"backwards", true}},
    {"da", {"caseFirst", std::string_view("upper")}},
    {"mt", {"caseFirst", std::string_view("upper")}},
    {"th", {"alternate", std::string_view("shifted")}},
}};
// Where ICU has normalization on.
constexpr std::array<std::string_view, 25> kNormalizing{"as", "bn", "bo",  "el", "fa", "gu", "he", "hi", "ig",
                                                        "km", "kn", "kok", "mr", "my", "or", "pa", "ps", "si",
                                                        "ta", "te", "th",  "vi", "wo", "yi", "yo"};

// "fr_CA@collation=search" and "fa_AF" are of "fr_CA" and "fa".
bool is_of(std::string_view locale, std::string_view family) {
  return locale.starts_with(family) &&
         (locale.size() == family.size() || locale[family.size()] == '_' || locale[family.size()] == '@');
}

bool is_value(const Field& field, const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return field.boolean() == *flag;
  if (const auto* number = std::get_if<int>(&value)) return field.number() == *number;
  return field.string() == std::get<std::string_view>(value);
}

bool is_default(const Field& field, const Default& general, std::string_view locale) {
  if (is_value(field, general.value)) return true;
  if (general.field == "normalization" && field.boolean() == true)
    return std::ranges::any_of(kNormalizing, [&](std::string_view family) { return is_of(locale, family); });
  return std::ranges::any_of(kLocaleDefaults, [&](const LocaleDefault& row) {
    return row.of.field == general.field && is_of(locale, row.locale) && is_value(field, row.of.value);
  });
}

bool is_known(std::string_view field) {
  return field == "locale" || field == "version" ||
         std::ranges::find(kDefaults, field, &Default::field) != kDefaults.end();
}

}  // namespace

Document canonical_collation(const Document& collation) {
  Document result;
  const auto locale = collation.find("locale");
  const std::string name = locale ? locale->string().value_or("") : "";
  if (name == "simple") return result;
  if (locale) result.add(*locale);
  for (const Default& general : kDefaults) {
    const auto field = collation.find(general.field);
    if (!field || is_default(*field, general, name)) continue;
    if (std::holds_alternative<bool>(general.value) && field->boolean()) {
      result.add(general.field, *field->boolean());
    } else {
      add_canonical(result, general.field, *field);
    }
  }
  for (const Field& field : fields_by_name(collation))
    if (!is_known(field.key())) add_canonical(result, field.key(), field);
  return result;
}

}  // namespace treering
