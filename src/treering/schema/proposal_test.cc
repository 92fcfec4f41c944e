// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/proposal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proposed.h"

namespace treering {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Proposal, CreatesWhatIsMissing) {
  const Proposal proposal = proposed(Schema(), Schema({wallet(), collection("history")}), Schema());
  EXPECT_THAT(operations(proposal.upgrade), ElementsAre("create collection wallet", "create index wallet.uid_1",
                                                        "create index wallet.coins_1", "create collection history"));
  EXPECT_THAT(operations(proposal.downgrade), ElementsAre("drop collection wallet", "drop collection history"));
  EXPECT_THAT(summary(proposal), ElementsAre("New collections: wallet, history", "New indexes on wallet: 2 index(es)"));
}

TEST(Proposal, FindsNothingWhereAllIsThere) {
  const Schema same({wallet()});
  EXPECT_FALSE(proposed(same, same, same).has_changes());
  EXPECT_THAT(summary(proposed(same, same, same)), IsEmpty());
}

TEST(Proposal, TellsWhatADeveloperRemovedFromWhatSomebodyMadeByHand) {
  const Schema before({wallet()});
  const Schema models({collection("wallet", {R"({"key": {"uid": 1}})"})});
  Collection live = wallet();
  live.indexes.push_back(collection("x", {R"({"key": {"tmp": 1}, "name": "tmp_debug_1"})"}).indexes.front());
  const Proposal proposal = proposed(before, models, Schema({live}));
  EXPECT_THAT(operations(proposal.upgrade), ElementsAre("drop index wallet.coins_1"));
  EXPECT_THAT(summary(proposal),
              ElementsAre("Removed indexes on wallet: coins_1",
                          "Unmanaged: index wallet.tmp_debug_1 is in the database and in no model (left alone)"));
  const Proposal all = proposed(before, models, Schema({live}), {.include_unmanaged = true});
  EXPECT_THAT(operations(all.upgrade), ElementsAre("drop index wallet.coins_1", "drop index wallet.tmp_debug_1"));
}

TEST(Proposal, DropsACollectionOnlyWhereThatIsAllowed) {
  const Schema before({wallet()});
  const Proposal held = proposed(before, Schema(), before);
  EXPECT_THAT(operations(held.upgrade), ElementsAre("# drop collection wallet"));
  EXPECT_THAT(operations(held.downgrade), IsEmpty());
  EXPECT_THAT(summary(held), ElementsAre(HasSubstr("--allow-drop-collections")));
  const Proposal allowed = proposed(before, Schema(), before, {.allow_drop_collections = true});
  EXPECT_THAT(operations(allowed.upgrade), ElementsAre("drop collection wallet"));
  EXPECT_THAT(summary(allowed), ElementsAre("Removed collections: wallet"));
}

TEST(Proposal, RenamesByTheModelsWordAndElseHints) {
  const Schema before({wallet()});
  Collection purse = wallet();
  purse.name = "purse";
  purse.class_name = "Purse";
  const Proposal hinted = proposed(before, Schema({purse}), before);
  EXPECT_THAT(summary(hinted), Contains(HasSubstr("__renamed_from__ = \"wallet\" into class Purse")));
  purse.renamed_from = "wallet";
  purse.indexes.pop_back();
  const Proposal renamed = proposed(before, Schema({purse}), before);
  EXPECT_THAT(operations(renamed.upgrade),
              ElementsAre("rename collection wallet to purse", "drop index purse.coins_1"));
  EXPECT_THAT(summary(renamed),
              ElementsAre("Renamed collection: wallet -> purse", "Removed indexes on purse: coins_1"));
}

TEST(Proposal, ChangesAnIndexInPlaceWhereCollModCan) {
  const Schema before(
      {collection("users", {R"({"key": {"email": 1}})", R"({"key": {"at": 1}, "expireAfterSeconds": 60})"})});
  const Schema models({collection("users", {R"({"key": {"email": 1}, "unique": true})",
                                            R"({"key": {"at": 1}, "expireAfterSeconds": 90, "hidden": true})"})});
  const Proposal proposal = proposed(before, models, before);
  EXPECT_THAT(operations(proposal.upgrade),
              ElementsAre("change collection users", "change collection users", "change collection users"));
  EXPECT_THAT(summary(proposal), ElementsAre("Changed indexes on users: email_1 becomes unique (collMod, no rebuild); "
                                             "at_1 becomes hidden, expireAfterSeconds 60 -> 90 (collMod, no rebuild)"));
  EXPECT_THAT(operations(proposal.downgrade),
              ElementsAre("change collection users", "drop index users.email_1", "create index users.email_1"));
}

TEST(Proposal, BuildsAnIndexBeforeItDropsTheOneItReplaces) {
  const Schema before({collection("users", {R"({"key": {"a": 1}})"})});
  const Schema wider({collection("users", {R"({"key": {"a": 1, "b": 1}})"})});
  EXPECT_THAT(operations(proposed(before, wider, before).upgrade),
              ElementsAre("create index users.a_1_b_1", "drop index users.a_1"));
  const Schema named({collection("users", {R"({"key": {"a": 1}, "name": "by_a"})"})});
  EXPECT_THAT(operations(proposed(before, named, before).upgrade),
              ElementsAre("drop index users.a_1", "create index users.by_a"));
}

TEST(Proposal, PutsAValidatorAfterTheDataItWouldRefuse) {
  const char* old_rule = R"({"validator": {"v": {"$lt": 5}}})";
  const char* new_rule = R"({"validator": {"v": {"$gt": 5}}})";
  const Schema before({collection("c", {}, old_rule, {R"({"_id": 1, "v": 1})"})});
  const Schema models({collection("c", {}, new_rule, {R"({"_id": 1, "v": 9})"})});
  const Proposal proposal = proposed(before, models, before);
  EXPECT_THAT(operations(proposal.upgrade), ElementsAre("change collection c", "update c", "change collection c"));
  const Proposal fresh = proposed(Schema(), models, Schema());
  EXPECT_THAT(operations(fresh.upgrade), ElementsAre("create collection c", HasSubstr("c"), "change collection c"));
}

TEST(Proposal, NeverOverwritesADocumentThatSomebodyChanged) {
  const Schema before({collection("c", {}, "{}", {R"({"_id": "a", "v": 1})", R"({"_id": "b", "v": 1})"})});
  const Schema models({collection("c", {}, "{}", {R"({"_id": "a", "v": 2})", R"({"_id": "b", "v": 2})"})});
  const Schema live({collection("c", {}, "{}", {R"({"_id": "a", "v": 7})", R"({"_id": "b", "v": 1})"})});
  const Proposal proposal = proposed(before, models, live);
  EXPECT_EQ(proposal.to, Schema({collection("c", {}, "{}", {R"({"_id": "a", "v": 7})", R"({"_id": "b", "v": 2})"})}));
  EXPECT_THAT(summary(proposal), ElementsAre("Changed initial data in c: 1 document(s)",
                                             "Changed by hand: document a of c was changed in the database (left as it "
                                             "is there)"));
}

TEST(Proposal, ChangesOnlyADocumentThatIsStillWhatItWas) {
  const Schema before({collection("c", {}, "{}", {R"({"_id": "a", "v": null})", R"({"_id": "b", "$v.w": 1})"})});
  const Schema models({collection("c", {}, "{}", {R"({"_id": "a", "v": 2})"})});
  const Proposal proposal = proposed(before, models, before);
  ASSERT_EQ(proposal.upgrade.size(), 1U);
  const auto filter = [&](std::size_t i) {
    return std::get<Write>(proposal.upgrade[0].operations.at(i).body).statements.front().document("q")->json();
  };
  EXPECT_EQ(filter(0), Document::from_json(R"({"_id": "b", "$expr": {"$eq": ["$$ROOT", {"$literal":
                                               {"_id": "b", "$v.w": 1}}]}})")
                           .json());
  EXPECT_EQ(filter(1), Document::from_json(R"({"_id": "a", "$expr": {"$eq": ["$$ROOT", {"$literal":
                                               {"_id": "a", "v": null}}]}})")
                           .json());
}

TEST(Proposal, WritesDocumentsThatTheModelsOwnValidatorRefuses) {
  const char* rule = R"({"validator": {"v": {"$lt": 5}}})";
  const Schema before({collection("c", {}, rule, {R"({"_id": 1, "v": 7})"})});
  const Schema models({collection("c", {}, rule, {R"({"_id": 2, "v": 9})"})});
  const Proposal proposal = proposed(before, models, before);
  EXPECT_THAT(operations(proposal.upgrade), ElementsAre("delete from c", "insert into c"));
  for (const Operation& operation : {proposal.upgrade[0].operations[1], proposal.downgrade[0].operations[1]})
    EXPECT_EQ(std::get<Write>(operation.body).options.boolean("bypassDocumentValidation"), true);
}

TEST(Proposal, ExchangesNamesAndKeysOfIndexes) {
  const Schema before({collection("c", {R"({"key": {"a": 1}, "name": "x"})", R"({"key": {"b": 1}, "name": "y"})"})});
  const Schema swapped({collection("c", {R"({"key": {"b": 1}, "name": "x"})", R"({"key": {"a": 1}, "name": "y"})"})});
  EXPECT_THAT(operations(proposed(before, swapped, before).upgrade),
              ElementsAre("drop index c.x", "drop index c.y", "create index c.x", "create index c.y"));
  const Schema handed_on({collection("c", {R"({"key": {"b": 1}, "name": "x"})", R"({"key": {"d": 1}, "name": "y"})"})});
  EXPECT_THAT(operations(proposed(before, handed_on, before).upgrade),
              ElementsAre("drop index c.x", "drop index c.y", "create index c.x", "create index c.y"));
}

TEST(Proposal, RebuildsWhatNoServerCanChangeOnlyWhereThatIsAllowed) {
  const Schema before({collection("c", {R"({"key": {"a": 1}})"})});
  const Schema models({collection("c", {R"({"key": {"a": 1}})"}, R"({"capped": true, "size": 8192})")});
  const Proposal held = proposed(before, models, before);
  EXPECT_EQ(held.to, before);
  EXPECT_TRUE(held.has_changes());
  const Proposal allowed = proposed(before, models, before, {.allow_drop_collections = true});
  EXPECT_EQ(allowed.to, models);
  EXPECT_THAT(operations(allowed.upgrade),
              ElementsAre("create collection treering_rebuild.c", "create index treering_rebuild.c.a_1",
                          "run aggregate c", "rename collection treering_rebuild.c to c"));
}

TEST(Proposal, LeavesViewsAndOthersAlone) {
  const Schema live({collection("v", {}, R"({"viewOn": "users", "pipeline": []})"),
                     collection("log", {}, R"({"capped": true, "size": 4096})"), collection("free")});
  const Proposal proposal = proposed(Schema(), Schema(), live);
  EXPECT_FALSE(proposal.has_changes());
  EXPECT_THAT(summary(proposal),
              ElementsAre("Unmanaged: view v is in the database and in no model (left alone)",
                          "Unmanaged: capped collection log is in the database and in no model (left alone)",
                          "Unmanaged: collection free is in the database and in no model (left alone)"));
}

TEST(Proposal, SumsIndexesOfFiveCollectionsAndMore) {
  std::vector<Collection> many;
  for (const char* name : {"a", "b", "c", "d", "e"}) many.push_back(collection(name, {R"({"key": {"x": 1}})"}));
  const Proposal proposal = proposed(Schema(), Schema(many), Schema());
  EXPECT_THAT(summary(proposal), ElementsAre("New collections: a, b, c, d, e", "Total new indexes: 5 index(es)"));
  EXPECT_EQ(summary_lines(proposal, Detail::everything).size(), 6U);
}

}  // namespace
}  // namespace treering
