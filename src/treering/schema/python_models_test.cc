// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "treering/schema/render.h"

namespace treering {
namespace {

using testing::HasSubstr;

Document json(const char* text) { return Document::from_json(text); }

Index index(const char* specification) {
  Index result;
  result.spec = json(specification);
  return result;
}

Collection named(const char* name) {
  Collection result;
  result.name = name;
  return result;
}

TEST(PythonModels, WriteWhatTheGuideWrites) {
  Collection wallet = named("wallet_history");
  wallet.indexes = {index(R"({"key": {"uid": 1, "org_id": 1}, "name": "uid_org_idx", "unique": true})"),
                    index(R"({"key": {"rec_date": 1}, "name": "rec_date_1"})")};
  EXPECT_EQ(python_models(Schema({wallet, named("_user")})),
            R"("""The collections of this project's database, as they should be."""

from treering import Collection, Index


class WalletHistory(Collection):
    """Wallet history"""
    __collection_name__ = "wallet_history"
    __indexes__ = [
        Index([("uid", 1), ("org_id", 1)], name="uid_org_idx", unique=True),
        Index("rec_date"),
    ]


class User(Collection):
    """User"""
    __collection_name__ = "_user"


ALL_COLLECTIONS = [
    WalletHistory,
    User,
]
)");
}

TEST(PythonModels, HoldEverythingASchemaHolds) {
  Collection all = named("it's");
  all.options = json(R"({"capped": true, "size": 4096})");
  all.data = {json(R"({"_id": {"$oid": "507f1f77bcf86cd799439011"}, "at": {"$date": "2024-12-10T00:00:00Z"}})")};
  all.shard_key = json(R"({"key": {"a": "hashed"}, "unique": true})");
  all.renamed_from = "its";
  all.indexes = {index(R"({"key": {"a": "text", "b": "text"}, "name": "t"})")};
  all.indexes[0].written_key = std::make_shared<const Document>(json(R"({"b": "text", "a": "text"})"));
  EXPECT_EQ(python_models(Schema({all})),
            R"("""The collections of this project's database, as they should be."""

from datetime import datetime

from bson import ObjectId
from treering import Collection, Index


class ItS(Collection):
    __collection_name__ = "it's"
    __renamed_from__ = "its"
    __options__ = {'capped': True, 'size': 4096}
    __indexes__ = [
        Index([("b", "text"), ("a", "text")], name="t"),
    ]
    __initial_data__ = [
        {'_id': ObjectId('507f1f77bcf86cd799439011'), 'at': datetime(2024, 12, 10)},
    ]
    __shard_key__ = {'key': {'a': 'hashed'}, 'unique': True}


ALL_COLLECTIONS = [
    ItS,
]
)");
}

TEST(PythonModels, EveryClassHasANameOfItsOwn) {
  const std::vector<std::pair<const char*, const char*>> cases{{"audit.trail", "AuditTrail"},
                                                               {"2fa codes", "Collection2faCodes"},
                                                               {"none", "None2"},
                                                               {"collection", "Collection2"},
                                                               {"Collection", "Collection3"},
                                                               {"index", "Index2"},
                                                               {"object_id", "ObjectId2"},
                                                               {"regex", "Regex2"},
                                                               {"\U0001F600", "Collection4"},
                                                               {"audit trail", "AuditTrail2"},
                                                               {"AuditTrail2", "AuditTrail22"},
                                                               {"$x-y", "XY"},
                                                               {"ALL_COLLECTIONS", "ALLCOLLECTIONS"}};
  std::vector<Collection> collections;
  for (const auto& [name, expected] : cases) collections.push_back(named(name));
  const std::string text = python_models(Schema(collections));
  for (const auto& [name, expected] : cases)
    EXPECT_THAT(text, HasSubstr("class " + std::string(expected) + "(Collection):\n")) << name;
}

TEST(PythonModels, OfNothingAreAFileToo) {
  EXPECT_EQ(python_models(Schema()),
            "\"\"\"The collections of this project's database, as they should be.\"\"\"\n\n"
            "from treering import Collection, Index\n\nALL_COLLECTIONS = []\n");
}

TEST(PythonBaseline, VerifiesCollectionsAndTheirIndexes) {
  Collection user = named("_user");
  user.indexes = {index(R"({"key": {"email": 1}, "name": "email_1"})"), index(R"({"key": {"a": 1}, "name": "it's"})")};
  Collection view = named("v");
  view.options = json(R"({"viewOn": "_user", "pipeline": []})");
  EXPECT_EQ(python_baseline_upgrade(Schema({user, view})),
            R"(    # Creates nothing: verifies that what the models describe is there (each collection, and its indexes)
    required = {
        '_user': ['email_1', 'it\'s'],
        'v': [],
    }
    
    existing = set(env.collections)
    missing = [f"collection {name}" for name in required if name not in existing]
    for name, indexes in required.items():
        if indexes and name in existing:
            found = env.db[name].index_information()
            missing += [f"index {name}.{index}" for index in indexes if index not in found]
    
    if missing:
        raise Exception(f"Missing: {', '.join(missing)}. This baseline assumes they already exist!")
    
    print("✓ All required collections exist")
    print("✓ Baseline established - future migrations will be tracked")
)");
  EXPECT_EQ(python_baseline_downgrade(),
            "    raise Exception(\"Cannot downgrade baseline - collections already existed\")\n");
}

}  // namespace
}  // namespace treering
