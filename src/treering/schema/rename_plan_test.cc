// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/rename_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/schema_database.h"
#include "treering/schema/proposal.h"

namespace treering {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Each with its name as its initial data, so that it is known again: {"orders"}, or {"archive", "orders"} for a model
// that says it was "orders" before.
struct Named {
  std::string name;
  std::string from = "";
};

Schema schema(const std::vector<Named>& all) {
  std::vector<Collection> collections;
  for (const Named& one : all) {
    Collection collection;
    collection.name = one.name;
    collection.renamed_from = one.from;
    collection.data.push_back(Document().add("_id", 1).add("was", one.from.empty() ? one.name : one.from));
    collections.push_back(collection);
  }
  return Schema(std::move(collections));
}

std::vector<std::string> renames(const RenamePlan& plan) {
  std::vector<std::string> lines;
  for (const Rename& rename : plan.renames) lines.push_back(rename.from + " -> " + rename.to);
  for (const RefusedRename& refused : plan.refused) lines.push_back("not: " + refused.text);
  return lines;
}

// Both ways, and nothing is left to do afterwards.
std::vector<std::string> upgrade(const Schema& before, const Schema& models) {
  const Proposal proposal = propose(before, models, before, {});
  EXPECT_EQ(after(before, proposal.upgrade), models);
  EXPECT_EQ(after(models, proposal.downgrade), before);
  EXPECT_FALSE(propose(models, models, models, {}).has_changes());
  EXPECT_THAT(propose(models, models, models, {}).findings, IsEmpty());
  std::vector<std::string> lines;
  for (const Paragraph& paragraph : proposal.upgrade)
    for (const Operation& operation : paragraph.operations) lines.push_back(describe(operation));
  return lines;
}

TEST(RenamePlan, FollowsAChain) {
  EXPECT_THAT(upgrade(schema({{"orders"}, {"drafts"}}), schema({{"old_orders", "orders"}, {"orders", "drafts"}})),
              ElementsAre("rename collection orders to old_orders", "rename collection drafts to orders"));
  EXPECT_THAT(upgrade(schema({{"a"}, {"b"}, {"c"}}), schema({{"b", "a"}, {"c", "b"}, {"d", "c"}})),
              ElementsAre("rename collection c to d", "rename collection b to c", "rename collection a to b"));
}

TEST(RenamePlan, FollowsWhereAnotherModelTakesTheFormerName) {
  EXPECT_THAT(upgrade(schema({{"a"}}), schema({{"a"}, {"archive", "a"}})),
              ElementsAre("rename collection a to archive", "create collection a", HasSubstr("a")));
}

TEST(RenamePlan, TellsOfANameThatIsTaken) {
  const Schema models = schema({{"archive", "orders"}});
  const Schema live = schema({{"archive"}, {"orders"}});
  EXPECT_THAT(renames(plan_renames(schema({{"orders"}}), models, live)),
              ElementsAre(HasSubstr("not: collection orders to archive, which is there already")));
  const Proposal proposal = propose(schema({{"orders"}}), models, live, {.allow_drop_collections = true});
  EXPECT_THAT(summary_lines(proposal, Detail::summary),
              Contains(HasSubstr("Not renamed: collection orders to archive")));
  EXPECT_NE(proposal.to.find("orders"), nullptr) << "what was to be renamed is not dropped";
  EXPECT_THAT(propose(proposal.snapshot, models, live, {}).findings,
              Contains(testing::Field(&Finding::kind, Finding::Kind::not_renamed)))
      << "and it is told until it is settled";
}

TEST(RenamePlan, LeavesAWholeChainWhereItsEndIsTaken) {
  const Schema before = schema({{"a"}, {"b"}});
  const Schema live = schema({{"a"}, {"b"}, {"c"}});
  const Schema models = schema({{"c", "b"}, {"b", "a"}});
  EXPECT_THAT(renames(plan_renames(before, models, live)),
              ElementsAre(HasSubstr("not: collection b to c"), HasSubstr("not: collection a to b")));
  const Proposal proposal = propose(before, models, live, {.allow_drop_collections = true});
  for (const char* name : {"a", "b"}) EXPECT_EQ(*proposal.to.find(name), *live.find(name));
}

TEST(RenamePlan, LeavesAChainThatATimeSeriesHolds) {
  std::vector<Collection> collections = schema({{"a"}, {"b"}}).collections();
  collections.back().data.clear();
  collections.back().options = Document::from_json(R"({"timeseries": {"timeField": "at"}})");
  const Schema before(std::move(collections));
  const Schema models = schema({{"c", "b"}, {"b", "a"}});
  EXPECT_THAT(renames(plan_renames(before, models, before)),
              ElementsAre(HasSubstr("not: collection b to c, as no server renames a time series"),
                          HasSubstr("not: collection a to b, where a time series stays")));
  EXPECT_EQ(propose(before, models, before, {.allow_drop_collections = true}).to, before);
}

TEST(RenamePlan, RefusesACircle) {
  const Schema before = schema({{"a"}, {"b"}});
  const Schema models = schema({{"a", "b"}, {"b", "a"}});
  EXPECT_THAT(renames(plan_renames(before, models, before)),
              ElementsAre(HasSubstr("not: collection b to a, as the names go round in a circle"),
                          HasSubstr("not: collection a to b, as")));
  EXPECT_EQ(propose(before, models, before, {.allow_drop_collections = true}).to, before);
}

TEST(RenamePlan, KnowsARenameThatWasMade) {
  const Schema models = schema({{"archive", "a"}, {"a"}});
  EXPECT_THAT(renames(plan_renames(models, models, models)), IsEmpty());
  EXPECT_THAT(renames(plan_renames(models, models, schema({{"a"}}))), IsEmpty());
  EXPECT_THAT(renames(plan_renames(models, models, schema({{"archive"}}))), IsEmpty());
}

}  // namespace
}  // namespace treering
