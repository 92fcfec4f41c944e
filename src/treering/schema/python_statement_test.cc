// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treering/schema/render.h"

namespace treering {
namespace {

Document json(const char* text) { return Document::from_json(text); }

std::string rendered(decltype(Operation::body) body) {
  Imports imports;
  return python_statement({"app", std::move(body)}, imports);
}

std::string index(const char* specification) { return rendered(CreateIndexes{"w", {json(specification)}, {}}); }

std::string write(Write::Verb verb, const std::vector<Document>& statements, const char* options = "{}") {
  return rendered(Write{verb, "w", statements, json(options)});
}

TEST(PythonStatement, Collections) {
  EXPECT_EQ(rendered(CreateCollection{"wallet", {}}), "env.create_collection('wallet')");
  EXPECT_EQ(rendered(CreateCollection{"it's 漢.\"x\"\n", json(R"({"capped": true, "size": 4096, "class": 1})")}),
            R"(env.create_collection('it\'s 漢."x"\n', capped=True, size=4096, **{'class': 1}))");
  EXPECT_EQ(rendered(CreateCollection{"v", json(R"({"viewOn": "w", "pipeline": [{"$match": {"a": 1}}]})")}),
            "env.create_collection('v', viewOn='w', pipeline=[{'$match': {'a': 1}}])");
  EXPECT_EQ(rendered(DropCollection{"wallet"}), "env.drop_collection('wallet')");
  EXPECT_EQ(rendered(RenameCollection{"a", "b"}), "env.db['a'].rename('b')");
  EXPECT_EQ(rendered(RenameCollection{"a", "b", true}), "env.db['a'].rename('b', dropTarget=True)");
}

TEST(PythonStatement, IndexesAsTheGuideWritesThem) {
  EXPECT_EQ(index(R"({"key": {"uid": 1, "org_id": 1}, "name": "uid_org_idx", "unique": true})"),
            R"(env.db['w'].create_index([("uid", 1), ("org_id", 1)], name='uid_org_idx', unique=True))");
  EXPECT_EQ(index(R"({"key": {"rec_date": 1}, "name": "rec_date_1"})"), R"(env.db['w'].create_index("rec_date"))");
  EXPECT_EQ(index(R"({"key": {"at": -1}})"), R"(env.db['w'].create_index([("at", -1)]))");
  EXPECT_EQ(index(R"({"key": {"location": "2dsphere"}, "name": "location_2dsphere"})"),
            R"(env.db['w'].create_index([("location", "2dsphere")]))");
  EXPECT_EQ(index(R"({"key": {"say \"hi\"": 1}, "name": "x"})"), R"(env.db['w'].create_index("say \"hi\"", name='x'))");
  EXPECT_EQ(index(R"({"key": {"a": {"$numberLong": "1"}}, "name": "a_1"})"),
            R"(env.db['w'].create_index([("a", Int64(1))]))");
}

TEST(PythonStatement, IndexOptionsHaveAnOrder) {
  EXPECT_EQ(
      index(R"({"key": {"a": 1}, "2dsphereIndexVersion": 3, "bits": 26, "hidden": true, "collation": {"locale": "fr"},
                      "partialFilterExpression": {"a": {"$gt": 5}}, "background": true, "expireAfterSeconds": 60,
                      "sparse": true, "unique": true, "name": "n"})"),
      R"(env.db['w'].create_index(
        "a",
        name='n',
        unique=True,
        sparse=True,
        expireAfterSeconds=60,
        partialFilterExpression={'a': {'$gt': 5}},
        collation={'locale': 'fr'},
        hidden=True,
        background=True,
        bits=26,
        **{'2dsphereIndexVersion': 3},
    ))");
}

TEST(PythonStatement, IndexesThatPymongoRefusesGoAsTheCommand) {
  EXPECT_EQ(index(R"({"key": {"a": 1.5}, "name": "a_1.5"})"),
            "env.db.command({'createIndexes': 'w', 'indexes': [{'key': {'a': 1.5}, 'name': 'a_1.5'}]})");
  EXPECT_EQ(rendered(CreateIndexes{"w", {json(R"({"key": {"a": 1}, "name": "n"})")}, json(R"({"commitQuorum": 1})")}),
            "env.db.command({'createIndexes': 'w', 'indexes': [{'key': {'a': 1}, 'name': 'n'}], 'commitQuorum': 1})");
  EXPECT_EQ(index(R"({"key": {"a": 1}, "name": "n", "comment": "x"})"),
            "env.db.command({'createIndexes': 'w', 'indexes': [{'key': {'a': 1}, 'name': 'n', 'comment': 'x'}]})");
}

TEST(PythonStatement, SeveralIndexesAreSeveralStatements) {
  EXPECT_EQ(rendered(CreateIndexes{"w", {json(R"({"key": {"a": 1}})"), json(R"({"key": {"b": 1}})")}, {}}),
            "env.db['w'].create_index(\"a\")\n    env.db['w'].create_index(\"b\")");
  EXPECT_EQ(rendered(DropIndexes{"w", json(R"({"index": ["a_1", "b_1"]})"), {}}),
            "env.db['w'].drop_index('a_1')\n    env.db['w'].drop_index('b_1')");
}

TEST(PythonStatement, DropsIndexes) {
  EXPECT_EQ(rendered(DropIndexes{"w", json(R"({"index": "a_1"})"), {}}), "env.db['w'].drop_index('a_1')");
  EXPECT_EQ(rendered(DropIndexes{"w", json(R"({"index": "*"})"), {}}), "env.db['w'].drop_indexes()");
  EXPECT_EQ(rendered(DropIndexes{"w", json(R"({"index": {"a": 1}})"), {}}),
            "env.db.command({'dropIndexes': 'w', 'index': {'a': 1}})");
}

TEST(PythonStatement, ModifiesCollections) {
  EXPECT_EQ(rendered(ModifyCollection{"users", json(R"({"index": {"name": "a_1", "hidden": true}})")}),
            "env.db.command('collMod', 'users', index={'name': 'a_1', 'hidden': True})");
  EXPECT_EQ(rendered(ModifyCollection{"users", json(R"({"check": 1})")}),
            "env.db.command({'collMod': 'users', 'check': 1})");
}

TEST(PythonStatement, Inserts) {
  const auto verb = Write::Verb::insert;
  EXPECT_EQ(write(verb, {json(R"({"_id": "a", "n": 1})")}), "env.db['w'].insert_one({'_id': 'a', 'n': 1})");
  EXPECT_EQ(write(verb, {json(R"({"_id": 1})"), json(R"({"_id": 2})")}),
            "env.db['w'].insert_many([{'_id': 1}, {'_id': 2}])");
  EXPECT_EQ(write(verb, {json(R"({"_id": 1})"), json(R"({"_id": 2})")},
                  R"({"ordered": false, "bypassDocumentValidation": true})"),
            "env.db['w'].insert_many([{'_id': 1}, {'_id': 2}], ordered=False, bypass_document_validation=True)");
  EXPECT_EQ(write(verb, {json(R"({"_id": 1})")}, R"({"ordered": true})"), "env.db['w'].insert_one({'_id': 1})");
  EXPECT_EQ(write(verb, {json(R"({"_id": 1})")}, R"({"writeConcern": {"w": 1}})"),
            "env.db.command({'insert': 'w', 'documents': [{'_id': 1}], 'writeConcern': {'w': 1}})");
  EXPECT_EQ(write(verb, {}), "");
}

TEST(PythonStatement, Updates) {
  const auto verb = Write::Verb::update;
  EXPECT_EQ(write(verb, {json(R"({"q": {"_id": 1}, "u": {"$set": {"a": 2}}})")}),
            "env.db['w'].update_one({'_id': 1}, {'$set': {'a': 2}})");
  EXPECT_EQ(write(verb, {json(R"({"q": {}, "u": {"$unset": {"a": ""}}, "multi": true, "upsert": false})")}),
            "env.db['w'].update_many({}, {'$unset': {'a': ''}})");
  EXPECT_EQ(write(verb, {json(R"({"q": {}, "u": [{"$set": {"a": 1}}], "multi": true, "arrayFilters": []})")}),
            "env.db['w'].update_many({}, [{'$set': {'a': 1}}], array_filters=[])");
  EXPECT_EQ(write(verb, {json(R"({"q": {"_id": 1}, "u": {"_id": 1, "$a": 2}})")}),
            "env.db['w'].replace_one({'_id': 1}, {'_id': 1, '$a': 2})");
  EXPECT_EQ(write(verb, {json(R"({"q": {"_id": 1}, "u": {}, "upsert": true})")}),
            "env.db['w'].replace_one({'_id': 1}, {}, upsert=True)");
  EXPECT_EQ(write(verb, {json(R"({"q": {}, "u": {"a": 1}, "multi": true})")}),
            "env.db.command({'update': 'w', 'updates': [{'q': {}, 'u': {'a': 1}, 'multi': True}]})");
  EXPECT_EQ(write(verb, {json(R"({"q": {"_id": 1}, "u": {"a": 1}, "arrayFilters": []})")}),
            "env.db.command({'update': 'w', 'updates': [{'q': {'_id': 1}, 'u': {'a': 1}, 'arrayFilters': []}]})");
}

TEST(PythonStatement, Removes) {
  const auto verb = Write::Verb::remove;
  EXPECT_EQ(write(verb, {json(R"({"q": {"_id": 1}, "limit": 1})"), json(R"({"q": {"a": 1}, "limit": 0})")}),
            "env.db['w'].delete_one({'_id': 1})\n    env.db['w'].delete_many({'a': 1})");
  EXPECT_EQ(write(verb, {json(R"({"q": {}, "limit": 0, "collation": {"locale": "fr"}})")}, R"({"let": {"a": 1}})"),
            "env.db['w'].delete_many({}, collation={'locale': 'fr'}, let={'a': 1})");
}

TEST(PythonStatement, Commands) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {R"({"shardCollection": "app.audit.trail", "key": {"a": "hashed"}})",
       "env.shard_collection('audit.trail', {'a': 'hashed'})"},
      {R"({"shardCollection": "w", "key": {"a": 1}, "unique": true})",
       "env.shard_collection('w', {'a': 1}, unique=True)"},
      {R"({"shardCollection": "app.w", "key": {"a": 1}, "numInitialChunks": 4})",
       "env.db.command({'shardCollection': 'app.w', 'key': {'a': 1}, 'numInitialChunks': 4})"},
      {R"({"unshardCollection": "app.w"})", "env.unshard_collection('w')"},
      {R"({"aggregate": "w", "pipeline": [{"$out": "x"}], "cursor": {}})", "env.db['w'].aggregate([{'$out': 'x'}])"},
      {R"({"aggregate": "w", "pipeline": [], "cursor": {}, "allowDiskUse": true})",
       "env.db['w'].aggregate([], allowDiskUse=True)"},
      {R"({"aggregate": "w", "pipeline": [], "cursor": {"batchSize": 1}})",
       "env.db.command({'aggregate': 'w', 'pipeline': [], 'cursor': {'batchSize': 1}})"},
      {R"({"aggregate": 1, "pipeline": [], "cursor": {}})",
       "env.db.command({'aggregate': 1, 'pipeline': [], 'cursor': {}})"},
      {R"({"convertToCapped": "w", "size": 4096})", "env.db.command({'convertToCapped': 'w', 'size': 4096})"},
  };
  for (const auto& [command, statement] : cases) EXPECT_EQ(rendered(RunCommand{json(command)}), statement);
}

}  // namespace
}  // namespace treering
