// SPDX-License-Identifier: Apache-2.0
// What mongosh does with them is asked of mongosh itself: tests/python/test_mongosh.py.
#include <gtest/gtest.h>

#include "treering/base/error.h"
#include "treering/schema/mongosh.h"

namespace treering {
namespace {

Document json(const char* text) { return Document::from_json(text); }

std::string rendered(decltype(Operation::body) body) { return mongosh_statement({"app", std::move(body)}, "app"); }

std::string write(Write::Verb verb, const std::vector<Document>& statements, const char* options = "{}") {
  return rendered(Write{verb, "w", statements, json(options)});
}

std::string update(const char* statement, const char* options = "{}") {
  return write(Write::Verb::update, {json(statement)}, options);
}

std::string index(const char* specification) { return rendered(CreateIndexes{"w", {json(specification)}, {}}); }

TEST(MongoshStatement, Collections) {
  EXPECT_EQ(rendered(CreateCollection{"w", json(R"({"capped": true})")}),
            R"(run(() => db.createCollection("w", {capped: true}));)");
  EXPECT_EQ(rendered(CreateCollection{"w", json(R"({"encryptedFields": {}})")}),
            R"(run(() => db.runCommand({create: "w", encryptedFields: {}}));)");
  EXPECT_EQ(rendered(CreateCollection{"a$b", {}}), R"(run(() => db.runCommand({create: "a$b"}));)");
  EXPECT_EQ(rendered(DropCollection{"w"}), R"(run(() => db.getCollection("w").drop());)");
  EXPECT_EQ(rendered(RenameCollection{"a", "b", true}),
            R"(run(() => db.getCollection("a").renameCollection("b", true));)");
  EXPECT_EQ(rendered(RenameCollection{"a", ".b"}),
            R"(run(() => db.adminCommand({renameCollection: "app.a", to: "app..b"}));)");
}

TEST(MongoshStatement, AnotherDatabaseIsNamed) {
  EXPECT_EQ(mongosh_statement({"other \"one\"", DropCollection{"w"}}, "app"),
            R"(run(() => db.getSiblingDB("other \"one\"").getCollection("w").drop());)");
}

TEST(MongoshStatement, AnIndexIsCreatedByTheMethodThatKeepsAllOfIt) {
  EXPECT_EQ(index(R"({"key": {"a": 1}, "name": "a_1"})"), R"(run(() => db.getCollection("w").createIndex({a: 1}));)");
  EXPECT_EQ(index(R"({"key": {"a": 1}, "name": "n", "unique": true})"),
            R"(run(() => db.getCollection("w").createIndex({a: 1}, {name: "n", unique: true}));)");
  EXPECT_EQ(index(R"({"key": {"a": 1}, "bucketSize": 1})"),
            R"(run(() => db.runCommand({createIndexes: "w", indexes: [{key: {a: 1}, bucketSize: 1, name: "a_1"}]}));)");
  EXPECT_EQ(index(R"({"key": {"a": {"$numberLong": "1"}}})"),
            R"(run(() => db.runCommand({createIndexes: "w", indexes: [{key: {a: NumberLong("1")}, name: "a_1"}]}));)");
}

TEST(MongoshStatement, WritesThatAMethodSendsAlike) {
  EXPECT_EQ(write(Write::Verb::insert, {json(R"({"_id": 1})")}),
            R"(run(() => db.getCollection("w").insertOne({_id: 1}));)");
  EXPECT_EQ(update(R"({"q": {}, "u": {"$set": {"a": 1}}, "multi": true})", R"({"ordered": true})"),
            R"(run(() => db.getCollection("w").updateMany({}, {$set: {a: 1}}));)");
  EXPECT_EQ(update(R"({"q": {"a": 1}, "u": {}, "upsert": true})"),
            R"(run(() => db.getCollection("w").replaceOne({a: 1}, {}, {upsert: true}));)");
  EXPECT_EQ(write(Write::Verb::remove, {json(R"({"q": {"a": 1}, "limit": 0})")}),
            R"(run(() => db.getCollection("w").deleteMany({a: 1}));)");
}

TEST(MongoshStatement, AllOtherWritesAreCommands) {
  EXPECT_EQ(write(Write::Verb::insert, {json(R"({"a": 1})")}),
            R"(run(() => db.runCommand({insert: "w", documents: [{a: 1}]}));)");
  EXPECT_EQ(update(R"({"q": {}, "u": {"a": 1}, "sort": {"a": 1}})"),
            R"(run(() => db.runCommand({update: "w", updates: [{q: {}, u: {a: 1}, sort: {a: 1}}]}));)");
  EXPECT_EQ(
      update(R"({"q": {"b": 1, "1": 1}, "u": {"$set": {"a": 1}}})"),
      R"(run(() => db.runCommand({update: "w", updates: [{q: new Map([["b", 1], ["1", 1]]), u: {$set: {a: 1}}}]}));)");
  EXPECT_EQ(update(R"({"q": {}, "u": {"a": 1}})", R"({"writeConcern": {"w": 1}})"),
            R"(run(() => db.runCommand({update: "w", updates: [{q: {}, u: {a: 1}}], writeConcern: {w: 1}}));)");
  EXPECT_EQ(write(Write::Verb::remove, {}), "");
}

TEST(MongoshStatement, ALongWriteIsSeveralCommands) {
  const std::vector<Document> statements(10001, json(R"({"a": 1})"));
  const std::string text = write(Write::Verb::insert, statements);
  EXPECT_NE(text.find("\nrun(() => db.runCommand({insert: \"w\", documents: [{a: 1}]}));"), std::string::npos);
}

TEST(MongoshStatement, ACommandWhoseFieldsWouldMoveIsRefused) {
  EXPECT_THROW(rendered(RunCommand{json(R"({"ping": 1, "0": 1})")}), Error);
  EXPECT_EQ(rendered(RunCommand{json(R"({"ping": 1})")}), "run(() => db.runCommand({ping: 1}));");
}

}  // namespace
}  // namespace treering
