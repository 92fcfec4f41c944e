// SPDX-License-Identifier: Apache-2.0
#include "treering/base/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "treering/base/error.h"

namespace treering {
namespace {

using testing::ElementsAre;

TEST(Document, ReadsBackWhatWasAdded) {
  const std::array<std::uint8_t, 3> blob{1, 0, 255};
  Document inner;
  inner.add("x", std::int32_t{1});
  Document all;
  all.add("text", "h\xc3\xa9llo").add("yes", true).add("int", std::int32_t{-7}).add("long", std::int64_t{1} << 40);
  all.add("double", 1.5)
      .add("date", Date{1733832000000})
      .add("inner", inner)
      .add_array("names", {std::string("a"), "b"});
  all.add_array("list", std::vector<Document>{inner, inner}).add_null("nothing");
  all.add_binary("blob", blob, BSON_SUBTYPE_BINARY);
  all.add("oid", bson_oid_t{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}});

  EXPECT_EQ(all.count(), 12u);
  EXPECT_EQ(Document().add("oid", *all.find("oid")).json(), R"({ "oid" : { "$oid" : "0102030405060708090a0b0c" } })");
  EXPECT_EQ(all.string("text"), "h\xc3\xa9llo");
  EXPECT_EQ(all.boolean("yes"), true);
  EXPECT_EQ(all.integer("int"), -7);
  EXPECT_EQ(all.integer("long"), std::int64_t{1} << 40);
  EXPECT_EQ(all.find("double")->number(), 1.5);
  EXPECT_EQ(all.date("date"), Date{1733832000000});
  EXPECT_EQ(all.document("inner"), inner);
  EXPECT_EQ(all.integer("inner.x"), 1);
  EXPECT_THAT(all.strings("names"), ElementsAre("a", "b"));
  EXPECT_THAT(all.documents("list"), ElementsAre(inner, inner));
  EXPECT_EQ(all.find("nothing")->type(), BSON_TYPE_NULL);
  EXPECT_EQ(Document::from_bytes(all.bytes()), all);
  EXPECT_EQ(Document::from_json(all.json()).string("text"), "h\xc3\xa9llo");
}

TEST(Document, GivesNothingForAnotherType) {
  Document document;
  document.add("text", "1").add("number", std::int32_t{1});
  EXPECT_FALSE(document.integer("text"));
  EXPECT_FALSE(document.boolean("text"));
  EXPECT_FALSE(document.string("number"));
  EXPECT_FALSE(document.document("number"));
  EXPECT_FALSE(document.date("number"));
  EXPECT_FALSE(document.string("missing"));
  EXPECT_FALSE(document.integer("number.deeper"));
  EXPECT_TRUE(document.strings("text").empty());
}

TEST(Document, CountsNumbersOfAnyKindAndBooleans) {
  Document document;
  document.add("double", 2.0).add("true", true).add("zero", 0.0);
  EXPECT_EQ(document.integer("double"), 2);
  EXPECT_EQ(document.integer("true"), 1);
  EXPECT_EQ(document.find("true")->number(), 1.0);
  EXPECT_EQ(document.boolean("double"), true);
  EXPECT_EQ(document.boolean("zero"), false);
}

TEST(Document, HasNoIntegerForADoubleThatNoneCanHold) {
  Document document;
  document.add("huge", 1e300)
      .add("nan", std::nan(""))
      .add("edge", 9223372036854775808.0)
      .add("low", -9223372036854775808.0);
  EXPECT_FALSE(document.integer("huge"));
  EXPECT_FALSE(document.integer("nan"));
  EXPECT_FALSE(document.integer("edge"));
  EXPECT_EQ(document.integer("low"), std::numeric_limits<std::int64_t>::min());
}

TEST(Document, WritesDatesOfEveryYearAsJsonThatItReads) {
  for (const std::int64_t ms : {-1LL, 0LL, 253402300799999LL, 253402300800000LL, 9223372036854775807LL}) {
    Document document;
    document.add("in", Document().add("at", Date{ms}));
    EXPECT_EQ(Document::from_json(document.json()), document) << ms;
  }
}

TEST(Document, KeepsAnEmptyStringApartFromNull) {
  Document document;
  document.add("a", std::string_view{}).add("", "empty key").add_binary("b", {}, BSON_SUBTYPE_BINARY);
  EXPECT_EQ(document.string("a"), "");
  EXPECT_EQ(document.string(""), "empty key");
  EXPECT_EQ(document.find("b")->type(), BSON_TYPE_BINARY);
}

TEST(Document, KeepsNulInValuesAndRefusesItInNames) {
  Document document;
  document.add("a", std::string_view("x\0y", 3));
  EXPECT_EQ(document.string("a"), std::string("x\0y", 3));
  EXPECT_THROW(document.add(std::string_view("a\0b", 3), true), Error);
  EXPECT_EQ(document.count(), 1u);
  EXPECT_FALSE(document.has(std::string_view("a\0b", 3)));
}

TEST(Document, FindsANameWithADotBeforeAPath) {
  Document inner;
  inner.add("b", "path");
  Document document;
  document.add("a", inner).add("a.b", "name");
  EXPECT_EQ(document.string("a.b"), "name");
}

TEST(Document, TakesItselfAndItsOwnFields) {
  Document document;
  document.add("text", std::string(500, 'x'));
  document.add("self", document);
  document.add("again", *document.find("text"));
  EXPECT_EQ(document.string("self.text"), std::string(500, 'x'));
  EXPECT_EQ(document.string("again"), std::string(500, 'x'));
}

TEST(Document, CopiesAreDeepAndMovedFromIsEmpty) {
  Document first;
  first.add("a", std::int32_t{1});
  Document second = first;
  second.add("b", std::int32_t{2});
  EXPECT_EQ(first.count(), 1u);
  Document third = std::move(second);
  EXPECT_EQ(third.count(), 2u);
  second = first;  // NOLINT(bugprone-use-after-move): a moved-from document may be given a value
  EXPECT_EQ(second, first);
}

TEST(Document, TellsItsFirstField) {
  const Document document = Document().add("find", "users").add("limit", 1);
  EXPECT_EQ(document.first()->key(), "find");
  EXPECT_EQ(document.first()->string(), "users");
}

TEST(Document, IsTheEmptyDocumentBeforeAnythingWasAdded) {
  const std::array<std::uint8_t, 5> nothing{5, 0, 0, 0, 0};
  Document document;
  EXPECT_TRUE(document.empty());
  EXPECT_TRUE(std::ranges::equal(document.bytes(), nothing));
  EXPECT_EQ(document, Document::from_bytes(nothing));
  EXPECT_EQ(document.json(), "{ }");
  EXPECT_TRUE(document.fields().empty());
  EXPECT_FALSE(document.first());
  EXPECT_EQ(Document().add("inner", document).document("inner"), document);
  document.add("self", document);
  EXPECT_EQ(document.document("self"), Document());
}

TEST(Document, ComparesByteForByte) {
  Document as_int, as_long;
  as_int.add("a", std::int32_t{1});
  as_long.add("a", std::int64_t{1});
  EXPECT_FALSE(as_int == as_long);
}

TEST(Document, RefusesWhatIsNoDocument) {
  const std::array<std::uint8_t, 5> cut{9, 0, 0, 0, 0};
  const std::array<std::uint8_t, 8> wrong_type{8, 0, 0, 0, 0x77, 'a', 0, 0};
  EXPECT_THROW(Document::from_bytes({}), Error);
  EXPECT_THROW(Document::from_bytes(cut), Error);
  EXPECT_THROW(Document::from_bytes(wrong_type), Error);
  EXPECT_THROW(Document::from_json(""), Error);
  EXPECT_THROW(Document::from_json("{\"a\":"), Error);
}

TEST(Document, AddsAllFieldsInOrder) {
  Document first, second;
  first.add("a", std::int32_t{1});
  second.add("c", std::int32_t{2}).add("b", std::int32_t{3});
  first.add_all(second);
  std::vector<std::string> keys;
  for (const Field& field : first.fields()) keys.emplace_back(field.key());
  EXPECT_THAT(keys, ElementsAre("a", "c", "b"));
}

}  // namespace
}  // namespace treering
