// SPDX-License-Identifier: Apache-2.0
// That expressions are sent as the same bytes is asked of mongosh itself: tests/python/test_mongosh.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "treering/base/error.h"
#include "treering/schema/mongosh.h"
#include "treering/schema/mongosh_value.h"

namespace treering {
namespace {

template <class Value>
std::string rendered(Value value) {
  const Document document = Document().add("v", value);
  return mongosh_value(*document.find("v"));
}

std::string rendered_json(const char* json) { return mongosh_document(Document::from_json(json)); }

Document binary(const std::vector<std::uint8_t>& bytes, int subtype) {
  return Document().add_binary("v", bytes, static_cast<bson_subtype_t>(subtype));
}

TEST(MongoshValue, Numbers) {
  EXPECT_EQ(rendered(std::int32_t{-5}), "-5");
  EXPECT_EQ(rendered(std::int64_t{5}), "NumberLong(\"5\")");
  EXPECT_EQ(rendered(std::numeric_limits<std::int64_t>::min()), "NumberLong(\"-9223372036854775808\")");
  EXPECT_EQ(rendered(1.0), "Double(1)");
  EXPECT_EQ(rendered(-0.0), "Double(-0)");
  EXPECT_EQ(rendered(0.1), "0.1");
  EXPECT_EQ(rendered(1e300), "1e+300");
  EXPECT_EQ(rendered(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(rendered(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(rendered_json(R"({"v": {"$numberDecimal": "1.50"}})"), R"({v: NumberDecimal("1.50")})");
}

TEST(MongoshValue, Dates) {
  EXPECT_EQ(rendered(Date{1733788800000}), "ISODate(\"2024-12-10T00:00:00Z\")");
  EXPECT_EQ(rendered(Date{-1}), "ISODate(\"1969-12-31T23:59:59.999Z\")");
  EXPECT_EQ(rendered(Date{-62135596800000}), "ISODate(\"0001-01-01T00:00:00Z\")");
  EXPECT_EQ(rendered(Date{-62135596800001}), "new Date(-62135596800001)");
  EXPECT_EQ(rendered(Date{253402300800000}), "new Date(253402300800000)");
  EXPECT_THROW(rendered(Date{8640000000000001}), Error);
}

TEST(MongoshValue, TypesOfBson) {
  EXPECT_EQ(rendered_json(R"({"v": {"$oid": "0123456789abcdef01234567"}})"),
            R"({v: ObjectId("0123456789abcdef01234567")})");
  EXPECT_EQ(rendered_json(R"({"v": {"$binary": {"base64": "AAECAwQFBgcICQoLDA0ODw==", "subType": "04"}}})"),
            R"({v: UUID("00010203-0405-0607-0809-0a0b0c0d0e0f")})");
  EXPECT_EQ(mongosh_document(binary({1, 2, 3}, 128)), R"({v: BinData(128, "AQID")})");
  EXPECT_EQ(rendered_json(R"({"v": {"$regularExpression": {"pattern": "^a\"/", "options": "mi"}}})"),
            R"({v: BSONRegExp("^a\"/", "im")})");
  EXPECT_EQ(rendered_json(R"({"v": {"$timestamp": {"t": 42, "i": 1}}})"), "{v: Timestamp({t: 42, i: 1})}");
  EXPECT_EQ(rendered_json(R"({"v": {"$code": "f", "$scope": {"a": 1}}})"), R"({v: Code("f", {a: 1})})");
  EXPECT_EQ(rendered_json(R"({"a": {"$minKey": 1}, "b": {"$maxKey": 1}, "c": null, "d": true})"),
            "{a: MinKey(), b: MaxKey(), c: null, d: true}");
  EXPECT_EQ(rendered_json(R"({"v": {"$symbol": "s"}})"), R"({v: BSONSymbol("s")})");
  EXPECT_THROW(rendered_json(R"({"v": {"$undefined": true}})"), Error);
}

TEST(MongoshValue, VectorsThatAreNoneAreRefused) {
  EXPECT_EQ(mongosh_document(binary({3, 0, 1}, 9)), R"({v: BinData(9, "AwAB")})");
  for (const std::vector<std::uint8_t>& bytes :
       std::vector<std::vector<std::uint8_t>>{{}, {3}, {3, 1, 1}, {0x27, 0, 1}, {0x10, 8, 1}, {0x10, 1}, {7, 0}})
    EXPECT_THROW(mongosh_document(binary(bytes, 9)), Error);
}

TEST(MongoshValue, NamesAreQuotedWhereTheyHaveToBe) {
  EXPECT_EQ(rendered_json(R"({"$set": {"a.b": 1}, "class": 1, "a-b": 1, "": 1, "1a": 1})"),
            R"({$set: {"a.b": 1}, class: 1, "a-b": 1, "": 1, "1a": 1})");
  EXPECT_EQ(rendered_json(R"({"__proto__": 1})"), R"({["__proto__"]: 1})");
}

TEST(MongoshValue, ADocumentThatJavaScriptWouldReorderIsAMap) {
  EXPECT_EQ(rendered_json(R"({"1": 1, "2": 1, "10": 1, "a": 1})"), R"({"1": 1, "2": 1, "10": 1, a: 1})");
  EXPECT_EQ(rendered_json(R"({"a": 1, "1": 1})"), R"(new Map([["a", 1], ["1", 1]]))");
  EXPECT_EQ(rendered_json(R"({"10": 1, "9": 1})"), R"(new Map([["10", 1], ["9", 1]]))");
  EXPECT_EQ(rendered_json(R"({"a": 1, "01": 1})"), R"({a: 1, "01": 1})");
  EXPECT_EQ(rendered_json(R"({"a": {"_bsontype": "x"}})"), R"({a: new Map([["_bsontype", "x"]])})");
}

TEST(MongoshValue, TwoFieldsOfOneNameAreRefused) {
  Document document;
  document.add("a", 1);
  document.add("a", 2);
  try {
    mongosh_document(document);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::usage);
    EXPECT_EQ(error.field("field"), "a");
  }
}

}  // namespace
}  // namespace treering
