// SPDX-License-Identifier: Apache-2.0
// What every Connection does with collections and indexes, real or fake, as far as the engine leans on it. Run as
// connection_contract.h. Left out is where servers differ: since MongoDB 7.0 `create` of what is there with the same
// options, and `drop` of what isn't, are ok, before they are refused; some list indexes by their names, some in the
// order in which they were made.
#pragma once

#include <map>

#include "contract/connection_contract.h"

namespace treering {

// Codes that the engine doesn't act on. Source: MongoDB's error_codes.yml.
constexpr int kIllegalOperation = 20;
constexpr int kInvalidOptions = 72;
constexpr int kIndexOptionsConflict = 85;
constexpr int kIndexKeySpecsConflict = 86;
constexpr int kDocumentValidationFailure = 121;
constexpr int kCannotConvertIndexToUnique = 359;

class SchemaContract : public ConnectionContract {
 protected:
  ServerError rename_refused(const std::string& from, const std::string& to, bool drop_target = false) {
    try {
      rename(from, to, drop_target);
      ADD_FAILURE() << from << " was renamed to " << to;
    } catch (const ServerError& error) {
      return error;
    }
    return ServerError(Document());
  }
  void rename(const std::string& from, const std::string& to, bool drop_target = false) {
    Document command;
    command.add("renameCollection", database_ + "." + from).add("to", database_ + "." + to);
    if (drop_target) command.add("dropTarget", true);
    connection_->command("admin", command);
  }
  std::vector<Document> documents(const std::string& collection) {
    return run(R"({"find": ")" + collection + R"(", "sort": {"_id": 1}})").documents("cursor.firstBatch");
  }
  // As listCollections gives it; empty where there is none.
  Document listed(const std::string& collection) {
    const auto found =
        run(R"({"listCollections": 1, "filter": {"name": ")" + collection + R"("}})").documents("cursor.firstBatch");
    return found.empty() ? Document() : found.front();
  }
  std::map<std::string, Document> indexes(const std::string& collection) {
    std::map<std::string, Document> result;
    for (Document& index : run(R"({"listIndexes": ")" + collection + R"("})").documents("cursor.firstBatch"))
      result[*index.string("name")] = index;
    return result;
  }
  // The code of the only write error.
  int write_error(const std::string& command) {
    const auto errors = run(command).documents("writeErrors");
    EXPECT_EQ(errors.size(), 1U) << command;
    return errors.empty() ? 0 : static_cast<int>(errors.front().integer("code").value_or(0));
  }
  void create_index(const std::string& index) { run(R"({"createIndexes": "c", "indexes": [)" + index + "]}"); }
  int index_refused(const std::string& index) {
    return refused(R"({"createIndexes": "c", "indexes": [)" + index + "]}").code();
  }
};

TEST_P(SchemaContract, ACollectionIsListedWithItsOptionsAndAnIdThatStays) {
  run(R"({"create": "c", "validator": {"a": 1}})");
  const Document there = listed("c");
  EXPECT_EQ(there.string("type"), "collection");
  EXPECT_EQ(there.document("options.validator"), json(R"({"a": 1})"));
  ASSERT_TRUE(there.has("info.uuid"));
  rename("c", "d");
  EXPECT_EQ(listed("d").find("info.uuid")->type(), BSON_TYPE_BINARY);
  const auto uuid = [](const Document& of) { return Document().add("u", *of.find("info.uuid")); };
  EXPECT_EQ(uuid(listed("d")), uuid(there));
  run(R"({"create": "c"})");
  EXPECT_NE(uuid(listed("c")), uuid(there));
  const auto names = run(R"({"listCollections": 1, "nameOnly": true, "authorizedCollections": true})");
  EXPECT_EQ(names.documents("cursor.firstBatch").size(), 2U);
  EXPECT_EQ(listed("nowhere"), Document());
}

TEST_P(SchemaContract, CreatingWithOtherOptionsWhatIsThereIsRefused) {
  run(R"({"create": "c"})");
  EXPECT_EQ(refused(R"({"create": "c", "validator": {"a": 1}})").code(), kNamespaceExists);
  EXPECT_FALSE(listed("c").has("options.validator"));
}

TEST_P(SchemaContract, ADropTakesDocumentsAndIndexesAlong) {
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  create_index(R"({"key": {"a": 1}, "name": "a_1"})");
  const Document dropped = run(R"({"drop": "c"})");
  EXPECT_EQ(dropped.integer("nIndexesWas"), 2);
  EXPECT_EQ(dropped.string("ns"), database_ + ".c");
  EXPECT_EQ(listed("c"), Document());
  EXPECT_TRUE(documents("c").empty());
  EXPECT_EQ(refused(R"({"listIndexes": "c"})").code(), kNamespaceNotFound);
  run(R"({"create": "c"})");
  EXPECT_EQ(indexes("c").size(), 1U);
}

TEST_P(SchemaContract, ARenameTakesEverythingAlong) {
  run(R"({"create": "c", "validator": {"a": 1}})");
  run(R"({"insert": "c", "documents": [{"_id": 1, "a": 1}]})");
  create_index(R"({"key": {"a": 1}, "name": "a_1", "unique": true})");
  const auto before = indexes("c");
  rename("c", "d");
  EXPECT_EQ(listed("c"), Document());
  EXPECT_EQ(listed("d").document("options.validator"), json(R"({"a": 1})"));
  EXPECT_EQ(documents("d"), std::vector{json(R"({"_id": 1, "a": 1})")});
  EXPECT_EQ(indexes("d"), before);
}

TEST_P(SchemaContract, ARenameOfWhatIsNotThereOrToWhatIsThereIsRefused) {
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  run(R"({"insert": "d", "documents": [{"_id": 2}]})");
  EXPECT_EQ(rename_refused("nowhere", "e").code(), kNamespaceNotFound);
  EXPECT_EQ(rename_refused("nowhere", "d", true).code(), kNamespaceNotFound);
  EXPECT_EQ(rename_refused("c", "d").code(), kNamespaceExists);
  EXPECT_EQ(rename_refused("c", "c").code(), kIllegalOperation);
  EXPECT_EQ(rename_refused("c", "c", true).code(), kIllegalOperation);
  EXPECT_EQ(documents("c"), std::vector{json(R"({"_id": 1})")});
  EXPECT_EQ(documents("d"), std::vector{json(R"({"_id": 2})")});
}

TEST_P(SchemaContract, ARenameMayTakeThePlaceOfAnother) {
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  run(R"({"insert": "d", "documents": [{"_id": 2}]})");
  run(R"({"createIndexes": "d", "indexes": [{"key": {"a": 1}, "name": "a_1"}]})");
  rename("c", "d", true);
  EXPECT_EQ(documents("d"), std::vector{json(R"({"_id": 1})")});
  EXPECT_EQ(indexes("d").size(), 1U);
  rename("d", "e", true);  // of nothing
  EXPECT_EQ(documents("e").size(), 1U);
}

TEST_P(SchemaContract, IndexesAreListedAsTheyWereAskedFor) {
  run(R"({"create": "c"})");
  const Document reply = run(R"({"createIndexes": "c", "indexes": [{"key": {"b": 1, "a": -1}, "name": "b_1_a_-1"},
                                 {"key": {"a": 1}, "name": "own", "unique": true, "sparse": true}]})");
  EXPECT_EQ(reply.integer("numIndexesBefore"), 1);
  EXPECT_EQ(reply.integer("numIndexesAfter"), 3);
  const auto there = indexes("c");
  EXPECT_EQ(there.at("_id_"), json(R"({"v": 2, "key": {"_id": 1}, "name": "_id_"})"));
  EXPECT_EQ(there.at("b_1_a_-1"), json(R"({"v": 2, "key": {"b": 1, "a": -1}, "name": "b_1_a_-1"})"));
  EXPECT_EQ(there.at("own"), json(R"({"v": 2, "key": {"a": 1}, "name": "own", "unique": true, "sparse": true})"));
}

TEST_P(SchemaContract, AnIndexMakesItsCollection) {
  const Document reply = run(R"({"createIndexes": "c", "indexes": [{"key": {"a": 1}, "name": "a_1"}]})");
  EXPECT_EQ(reply.boolean("createdCollectionAutomatically"), true);
  EXPECT_EQ(indexes("c").size(), 2U);
}

TEST_P(SchemaContract, TheSameIndexAgainIsNothingAndAnotherOfItsNameOrKeyIsRefused) {
  create_index(R"({"key": {"a": 1}, "name": "a_1"})");
  const Document again = run(R"({"createIndexes": "c", "indexes": [{"key": {"a": 1}, "name": "a_1"}]})");
  EXPECT_EQ(again.integer("numIndexesBefore"), 2);
  EXPECT_EQ(again.integer("numIndexesAfter"), 2);
  EXPECT_EQ(index_refused(R"({"key": {"b": 1}, "name": "a_1"})"), kIndexKeySpecsConflict);
  EXPECT_EQ(index_refused(R"({"key": {"a": 1}, "name": "a_1", "unique": true})"), kIndexKeySpecsConflict);
  EXPECT_EQ(index_refused(R"({"key": {"a": 1}, "name": "other"})"), kIndexOptionsConflict);
  EXPECT_EQ(indexes("c").size(), 2U);
}

TEST_P(SchemaContract, OfSeveralIndexesAllAreMadeOrNone) {
  run(R"({"insert": "c", "documents": [{"_id": 1, "a": 5}, {"_id": 2, "a": 5}]})");
  EXPECT_EQ(index_refused(R"({"key": {"b": 1}, "name": "b_1"}, {"key": {"a": 1}, "name": "a_1", "unique": true})"),
            kDuplicateKey);
  EXPECT_EQ(indexes("c").size(), 1U);
  create_index(R"({"key": {"a": 1}, "name": "a_1"})");
}

TEST_P(SchemaContract, IndexesAreDroppedByNameKeyListAndAllTogether) {
  create_index(R"({"key": {"a": 1}, "name": "a_1"}, {"key": {"b": 1}, "name": "b_1"}, {"key": {"c": 1}, "name": "c_1"},
                  {"key": {"d": 1}, "name": "d_1"}, {"key": {"e": 1}, "name": "e_1"})");
  EXPECT_EQ(run(R"({"dropIndexes": "c", "index": "a_1"})").integer("nIndexesWas"), 6);
  run(R"({"dropIndexes": "c", "index": {"b": 1}})");
  EXPECT_EQ(refused(R"({"dropIndexes": "c", "index": ["c_1", "nowhere_1"]})").code(), kIndexNotFound);
  EXPECT_EQ(indexes("c").size(), 4U);
  run(R"({"dropIndexes": "c", "index": ["c_1", "d_1"]})");
  EXPECT_EQ(indexes("c").size(), 2U);
  run(R"({"dropIndexes": "c", "index": "*"})");
  EXPECT_EQ(indexes("c").size(), 1U);
  run(R"({"dropIndexes": "c", "index": "*"})");
  EXPECT_EQ(refused(R"({"dropIndexes": "c", "index": "a_1"})").code(), kIndexNotFound);
  EXPECT_EQ(refused(R"({"dropIndexes": "c", "index": {"a": 1}})").code(), kIndexNotFound);
  EXPECT_EQ(refused(R"({"dropIndexes": "c", "index": "_id_"})").code(), kInvalidOptions);
  EXPECT_EQ(refused(R"({"dropIndexes": "nowhere", "index": "a_1"})").code(), kNamespaceNotFound);
}

TEST_P(SchemaContract, AUniqueIndexIsKeptByEveryWrite) {
  create_index(R"({"key": {"a": 1}, "name": "a_1", "unique": true})");
  run(R"({"insert": "c", "documents": [{"_id": 1, "a": 1}, {"_id": 2, "a": 2}]})");
  EXPECT_EQ(write_error(R"({"insert": "c", "documents": [{"_id": 3, "a": 1}]})"), kDuplicateKey);
  for (const char* statement :
       {R"({"q": {"_id": 2}, "u": {"$set": {"a": 1}}})", R"({"q": {"_id": 2}, "u": {"a": 1}})",
        R"({"q": {"_id": 3}, "u": {"$set": {"a": 1}}, "upsert": true})",
        R"({"q": {"_id": 3}, "u": {"a": 1}, "upsert": true})", R"({"q": {"_id": 2}, "u": [{"$set": {"a": 1}}]})"})
    EXPECT_EQ(write_error(R"({"update": "c", "updates": [)" + std::string(statement) + "]}"), kDuplicateKey);
  EXPECT_EQ(documents("c"), (std::vector{json(R"({"_id": 1, "a": 1})"), json(R"({"_id": 2, "a": 2})")}));
  // Without the field it is null, once.
  run(R"({"insert": "c", "documents": [{"_id": 4}]})");
  EXPECT_EQ(write_error(R"({"insert": "c", "documents": [{"_id": 5}]})"), kDuplicateKey);
  run(R"({"dropIndexes": "c", "index": "a_1"})");
  EXPECT_EQ(run(R"({"insert": "c", "documents": [{"_id": 5}]})").integer("n"), 1);
}

TEST_P(SchemaContract, AValidatorIsKeptByEveryWriteAndCanBeChanged) {
  run(R"({"create": "c", "validator": {"a": {"$gt": 0}}})");
  EXPECT_EQ(run(R"({"insert": "c", "documents": [{"_id": 1, "a": 1}]})").integer("n"), 1);
  EXPECT_EQ(write_error(R"({"insert": "c", "documents": [{"_id": 2, "a": 0}]})"), kDocumentValidationFailure);
  EXPECT_EQ(write_error(R"({"update": "c", "updates": [{"q": {"_id": 1}, "u": {"$set": {"a": 0}}}]})"),
            kDocumentValidationFailure);
  run(R"({"collMod": "c", "validator": {"b": {"$exists": false}}})");
  EXPECT_EQ(listed("c").document("options.validator"), json(R"({"b": {"$exists": false}})"));
  EXPECT_EQ(run(R"({"insert": "c", "documents": [{"_id": 2, "a": 0}]})").integer("n"), 1);
  run(R"({"collMod": "c", "validator": {"a": {"$gt": 9}}, "validationAction": "warn"})");
  EXPECT_EQ(run(R"({"insert": "c", "documents": [{"_id": 3, "a": 0}]})").integer("n"), 1);
  EXPECT_EQ(refused(R"({"collMod": "nowhere", "validator": {}})").code(), kNamespaceNotFound);
}

TEST_P(SchemaContract, AValidatorThatIsTakenAwayKeepsNothingOut) {
  run(R"({"create": "c"})");
  run(R"({"collMod": "c", "validator": {"a": 1}})");
  run(R"({"collMod": "c", "validator": {}})");
  EXPECT_EQ(run(R"({"insert": "c", "documents": [{"_id": 1}]})").integer("n"), 1);
  EXPECT_EQ(listed("c").document("options.validator").value_or(Document()), Document());
}

TEST_P(SchemaContract, AnIndexBecomesUniqueOnceItIsPrepared) {
  run(R"({"insert": "c", "documents": [{"_id": 1, "a": 5}, {"_id": 2, "a": 5}]})");
  create_index(R"({"key": {"a": 1}, "name": "a_1"})");
  EXPECT_EQ(refused(R"({"collMod": "c", "index": {"name": "a_1", "unique": true}})").code(), kInvalidOptions);
  run(R"({"collMod": "c", "index": {"name": "a_1", "prepareUnique": true}})");
  EXPECT_EQ(indexes("c").at("a_1").boolean("prepareUnique"), true);
  EXPECT_EQ(write_error(R"({"insert": "c", "documents": [{"_id": 3, "a": 5}]})"), kDuplicateKey);
  EXPECT_EQ(refused(R"({"collMod": "c", "index": {"name": "a_1", "unique": true}})").code(),
            kCannotConvertIndexToUnique);
  run(R"({"delete": "c", "deletes": [{"q": {"_id": 2}, "limit": 1}]})");
  run(R"({"collMod": "c", "index": {"keyPattern": {"a": 1}, "unique": true}})");
  EXPECT_EQ(indexes("c").at("a_1"), json(R"({"v": 2, "key": {"a": 1}, "name": "a_1", "unique": true})"));
  EXPECT_EQ(refused(R"({"collMod": "c", "index": {"name": "nowhere_1", "hidden": true}})").code(), kIndexNotFound);
}

TEST_P(SchemaContract, AnIndexIsHiddenAndShown) {
  create_index(R"({"key": {"a": 1}, "name": "a_1"})");
  run(R"({"collMod": "c", "index": {"name": "a_1", "hidden": true}})");
  EXPECT_EQ(indexes("c").at("a_1").boolean("hidden"), true);
  run(R"({"collMod": "c", "index": {"name": "a_1", "hidden": false}})");
  EXPECT_FALSE(indexes("c").at("a_1").boolean("hidden").value_or(false));
}

TEST_P(SchemaContract, NoTransactionTakesAChangeOfWhatIsThere) {
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  create_index(R"({"key": {"a": 1}, "name": "a_1"})");
  connection_->begin_transaction();
  run(R"({"insert": "c", "documents": [{"_id": 2}]})");
  for (const char* command : {R"({"drop": "c"})", R"({"dropIndexes": "c", "index": "a_1"})",
                              R"({"collMod": "c", "validator": {"a": 1}})", R"({"listCollections": 1})"})
    EXPECT_EQ(refused(command).code(), kNotInTransaction) << command;
  EXPECT_EQ(rename_refused("c", "d").code(), kNotInTransaction);
  connection_->commit_transaction();  // a command that isn't allowed there doesn't end it
  EXPECT_EQ(documents("c").size(), 2U);
  EXPECT_EQ(indexes("c").size(), 2U);
}

TEST_P(SchemaContract, ACollectionThatTwoMakeAtOnceIsAConflict) {
  const auto other = server_->connect();
  connection_->begin_transaction();
  run(R"({"insert": "c", "documents": [{"_id": 1}]})");
  try {
    other->command(database_, json(R"({"insert": "c", "documents": [{"_id": 2}]})"));
    connection_->commit_transaction();
    ADD_FAILURE() << "both were taken";
  } catch (const ServerError& error) {
    EXPECT_EQ(error.code(), kWriteConflict) << error.what();
  }
  if (connection_->in_transaction()) connection_->abort_transaction();
}

}  // namespace treering
