// SPDX-License-Identifier: Apache-2.0
// That literals encode to the same bytes is asked of Python itself: tests/python/test_literals.py.
#include "treering/schema/python_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "treering/base/error.h"

namespace treering {
namespace {

using testing::HasSubstr;

template <class Value>
std::string rendered(Value value) {
  Imports imports;
  const Document document = Document().add("v", value);
  return python_value(*document.find("v"), imports);
}

std::string rendered_json(const char* json, Imports& imports) {
  const Document document = Document::from_json(json);
  return python_value(document.fields().front(), imports);
}

std::string rendered_json(const char* json) {
  Imports imports;
  return rendered_json(json, imports);
}

TEST(PythonValue, Numbers) {
  EXPECT_EQ(rendered(std::int32_t{-5}), "-5");
  EXPECT_EQ(rendered(std::int64_t{5}), "Int64(5)");
  EXPECT_EQ(rendered(std::int64_t{-2147483648}), "Int64(-2147483648)");
  EXPECT_EQ(rendered(std::int64_t{2147483648}), "2147483648");
  EXPECT_EQ(rendered(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(rendered(1.0), "1.0");
  EXPECT_EQ(rendered(-0.0), "-0.0");
  EXPECT_EQ(rendered(0.1), "0.1");
  EXPECT_EQ(rendered(1e300), "1e+300");
  EXPECT_EQ(rendered(std::numeric_limits<double>::infinity()), "float('inf')");
  EXPECT_EQ(rendered(-std::numeric_limits<double>::infinity()), "float('-inf')");
  EXPECT_EQ(rendered(std::numeric_limits<double>::quiet_NaN()), "float('nan')");
  EXPECT_EQ(rendered_json(R"({"v": {"$numberDecimal": "1.50"}})"), "Decimal128('1.50')");
}

TEST(PythonValue, Dates) {
  EXPECT_EQ(rendered(Date{1733788800000}), "datetime(2024, 12, 10)");
  EXPECT_EQ(rendered(Date{1733788800000 + 3600000}), "datetime(2024, 12, 10, 1, 0, 0)");
  EXPECT_EQ(rendered(Date{-1}), "datetime(1969, 12, 31, 23, 59, 59, 999000)");
  EXPECT_EQ(rendered(Date{-62135596800000}), "datetime(1, 1, 1)");
  EXPECT_EQ(rendered(Date{-62135596800001}), "DatetimeMS(-62135596800001)");
  EXPECT_EQ(rendered(Date{253402300799999}), "datetime(9999, 12, 31, 23, 59, 59, 999000)");
  EXPECT_EQ(rendered(Date{253402300800000}), "DatetimeMS(253402300800000)");
}

TEST(PythonValue, TypesOfBson) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {R"({"v": null})", "None"},
      {R"({"v": [true, false, {}, []]})", "[True, False, {}, []]"},
      {R"({"v": {"it's": {"$oid": "507f1f77bcf86cd799439011"}}})",
       R"({'it\'s': ObjectId('507f1f77bcf86cd799439011')})"},
      {R"({"v": {"$binary": {"base64": "YScA", "subType": "00"}}})", R"(b'a\'\x00')"},
      {R"({"v": {"$binary": {"base64": "", "subType": "04"}}})", "Binary(b'', 4)"},
      {R"({"v": {"$regularExpression": {"pattern": "^a'", "options": "im"}}})", R"(Regex('^a\'', 'im'))"},
      {R"({"v": {"$regularExpression": {"pattern": "a", "options": ""}}})", "Regex('a')"},
      {R"({"v": {"$timestamp": {"t": 4294967295, "i": 2}}})", "Timestamp(4294967295, 2)"},
      {R"({"v": {"$code": "f"}})", "Code('f')"},
      {R"({"v": {"$code": "f", "$scope": {"a": 1}}})", "Code('f', {'a': 1})"},
      {R"({"v": [{"$minKey": 1}, {"$maxKey": 1}]})", "[MinKey(), MaxKey()]"},
  };
  for (const auto& [json, python] : cases) EXPECT_EQ(rendered_json(json), python);
}

TEST(PythonValue, RefusesWhatPythonCannotWrite) {
  const auto words_for = [](const Document& document) -> std::string {
    try {
      Imports imports;
      python_document(document, imports);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::usage);
      EXPECT_NE(error.hint(), "");
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(words_for(Document::from_json(R"({"a": {"$undefined": true}})")), HasSubstr("undefined"));
  EXPECT_THAT(words_for(Document::from_json(R"({"a": {"$symbol": "x"}})")), HasSubstr("symbol"));
  EXPECT_THAT(words_for(Document::from_json(
                  R"({"a": {"$dbPointer": {"$ref": "c", "$id": {"$oid": "507f1f77bcf86cd799439011"}}}})")),
              HasSubstr("DBPointer"));
  Document twice;
  twice.add("a", true).add("a", false);
  EXPECT_THAT(words_for(Document().add("outer", twice)), HasSubstr("two fields a,"));
}

TEST(PythonValue, LongOnesTakeOneLineAnItem) {
  Imports imports;
  const Document document =
      Document::from_json(R"({"name": "wallet", "tags": ["aaaa", "bbbb"], "x": {"y": {"z": 1}}})");
  Layout layout;
  layout.columns = 33;
  EXPECT_EQ(python_document(document, imports, layout),
            "{\n"
            "        'name': 'wallet',\n"
            "        'tags': ['aaaa', 'bbbb'],\n"
            "        'x': {'y': {'z': 1}},\n"
            "    }");
  layout.columns = 28;
  EXPECT_THAT(python_document(document, imports, layout),
              HasSubstr("        'tags': [\n            'aaaa',\n            'bbbb',\n        ],\n"));
}

TEST(PythonValue, GathersItsImports) {
  Imports imports;
  EXPECT_EQ(imports.lines(), "");
  rendered_json(R"({"v": [{"$minKey": 1}, {"$oid": "507f1f77bcf86cd799439011"}]})", imports);
  rendered_json(R"({"v": {"$numberLong": "5"}})", imports);
  EXPECT_EQ(imports.lines(), "from bson import Int64, MinKey, ObjectId\n");
  rendered_json(R"({"v": {"$date": "2024-12-10T00:00:00Z"}})", imports);
  EXPECT_EQ(imports.lines(), "from datetime import datetime\n\nfrom bson import Int64, MinKey, ObjectId\n");
}

TEST(PythonValue, KnowsNames) {
  for (const char* name : {"a", "_a1", "expireAfterSeconds", "match"}) EXPECT_TRUE(is_python_name(name)) << name;
  for (const char* name : {"", "2d", "a-b", "a.b", "$a", "é", "class", "None"})
    EXPECT_FALSE(is_python_name(name)) << name;
}

}  // namespace
}  // namespace treering
