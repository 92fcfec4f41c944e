// SPDX-License-Identifier: Apache-2.0
// Names and values as strange as MongoDB lets them be.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "gen/chance.h"
#include "treering/base/document.h"

namespace treering {

// Of a field or an index; never empty, without "$" and NUL.
inline std::string any_word(Chance& chance) {
  static const std::vector<std::string> kOdd{
      "with space", "quo'te", "quo\"te", "back\\slash", "\xF0\x9F\x8C\xB2 tree", "\xC3\xA9t\xC3\xA9", "tab\tbed",
      "line\nfeed", "#{x}",   "{brace}", "%s",          std::string(200, 'x')};
  static const std::vector<std::string> kPlain{"email", "uid", "org_id", "at", "status", "name", "n"};
  return chance.percent(25) ? chance.one_of(kOdd) : chance.one_of(kPlain);
}

// One number in any of its three BSON types.
inline void add_any_number(Document& to, std::string_view key, std::int64_t value, Chance& chance) {
  const std::size_t type = chance.below(3);
  if (type == 0 && value <= std::numeric_limits<std::int32_t>::max() &&
      value >= std::numeric_limits<std::int32_t>::min()) {
    to.add(key, static_cast<std::int32_t>(value));
  } else if (type == 1 && value < (std::int64_t{1} << 53)) {
    to.add(key, static_cast<double>(value));
  } else {
    to.add(key, value);
  }
}

inline void add_object_id(Document& to, std::string_view key, Chance& chance) {
  bson_oid_t id;
  for (std::uint8_t& byte : id.bytes) byte = static_cast<std::uint8_t>(chance.below(256));
  std::array<char, 25> text{};
  bson_oid_to_string(&id, text.data());
  const Document one = Document::from_json(std::string(R"({"v": {"$oid": ")") + text.data() + "\"}}");
  to.add(key, *one.find("v"));
}

// A value of every type that documents have.
inline void add_any_value(Document& to, std::string_view key, Chance& chance, int depth = 0) {
  static const std::vector<std::string> kSpecial{
      R"({"$numberDecimal": "12.50"})",
      R"({"$numberDouble": "NaN"})",
      R"({"$numberDouble": "-Infinity"})",
      R"({"$numberDouble": "0.1"})",
      R"({"$numberLong": "9007199254740993"})",
      R"({"$numberLong": "-9223372036854775808"})",
      R"({"$date": {"$numberLong": "-62135596800000"}})",
      R"({"$date": {"$numberLong": "1733800000123"}})",
      R"({"$binary": {"base64": "AAECAw==", "subType": "00"}})",
      R"({"$binary": {"base64": "AAECAwQFBgcICQoLDA0ODw==", "subType": "04"}})",
      R"({"$regularExpression": {"pattern": "^a\"'/\\d", "options": "im"}})",
      R"({"$code": "function() { return 'x'; }"})",
      R"({"$timestamp": {"t": 42, "i": 1}})",
      R"({"$minKey": 1})",
      R"({"$maxKey": 1})",
      R"(true)",
      R"(false)",
      R"(null)",
      R"([])",
      R"({})"};
  switch (chance.below(depth > 2 ? 4 : 6)) {
    case 0:
      to.add(key, any_word(chance));
      return;
    case 1:
      add_any_number(to, key, static_cast<std::int64_t>(chance.below(100000)) - 50000, chance);
      return;
    case 2:
      add_object_id(to, key, chance);
      return;
    case 3:
      to.add(key, *Document::from_json(R"({"v": )" + chance.one_of(kSpecial) + "}").find("v"));
      return;
    case 4: {
      Document items;
      for (std::size_t i = chance.below(3); i > 0; --i)
        add_any_value(items, std::to_string(items.count()), chance, depth + 1);
      to.add_array(key, items);
      return;
    }
    default: {
      Document inner;
      for (std::size_t i = chance.below(3); i > 0; --i)
        add_any_value(inner, any_word(chance) + std::to_string(i), chance, depth + 1);
      to.add(key, inner);
    }
  }
}

}  // namespace treering
