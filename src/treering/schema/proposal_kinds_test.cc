// SPDX-License-Identifier: Apache-2.0
// Proposals about views, time series and rebuilds: what can't be had without dropping documents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proposed.h"
#include "treering/schema/proposal.h"
#include "treering/schema/render.h"

namespace treering {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr ProposalRules kAll{.allow_drop_collections = true};
constexpr const char* kView = R"({"viewOn": "users", "pipeline": []})";

Collection full() {
  return collection("active", {R"({"key": {"a": 1}, "unique": true})"}, R"({"validator": {"a": 1}})",
                    {R"({"_id": 1, "a": 1})"});
}

std::string file(const std::vector<Paragraph>& paragraphs) {
  Imports imports;
  return python_body(paragraphs, Body::upgrade, imports);
}

std::vector<std::string> active(const std::vector<Paragraph>& paragraphs) {
  std::vector<std::string> lines = operations(paragraphs);
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("#"); });
  return lines;
}

TEST(ProposalOfKinds, HoldsAChangeOfKindBackAsAWhole) {
  const Collection series =
      collection("active", {}, R"({"timeseries": {"timeField": "at"}, "expireAfterSeconds": 60})");
  const Collection view = collection("active", {}, kView);
  for (const auto& [from, to] : {std::pair(full(), view), std::pair(series, full()), std::pair(full(), series)}) {
    const Schema before({from});
    const Proposal held = proposed(before, Schema({to}), before);
    EXPECT_THAT(active(held.upgrade), IsEmpty());
    EXPECT_EQ(held.to, before);
    EXPECT_THAT(summary(held), ElementsAre(HasSubstr("only by dropping it with its documents")));
    const Proposal later = proposed(held.snapshot, Schema({to}), held.to, kAll);
    EXPECT_EQ(later.to, Schema({to}));
  }
}

TEST(ProposalOfKinds, TakesNothingUnmanagedIntoAnotherKind) {
  Collection live = full();
  live.indexes.push_back(collection("x", {R"({"key": {"by_hand": 1}, "unique": true})"}).indexes.front());
  live.data.front() = Document::from_json(R"({"_id": 1, "a": "edited"})");
  const Schema view({collection("active", {}, kView)});
  EXPECT_EQ(proposed(Schema({full()}), view, Schema({live}), kAll).to, view);
  const Schema series({collection("active", {}, R"({"timeseries": {"timeField": "at"}})")});
  EXPECT_EQ(proposed(Schema({full()}), series, Schema({live}), kAll).to, series);
}

TEST(ProposalOfKinds, SaysWhatIsLost) {
  const Schema fine({collection("m", {}, R"({"timeseries": {"timeField": "at"}})")});
  const Schema coarse({collection("m", {}, R"({"timeseries": {"timeField": "at", "granularity": "hours"}})")});
  const Proposal finer = proposed(coarse, fine, coarse, kAll);
  EXPECT_THAT(summary(finer), Contains(HasSubstr("Dropped time series m: its documents are lost")));
  EXPECT_THAT(file(finer.upgrade), HasSubstr("# Replace time series: m\n    # Its documents are lost for good"));
  EXPECT_THAT(summary(proposed(fine, Schema(), fine, kAll)), Contains(HasSubstr("its documents are lost")));
  const Proposal hidden = proposed(Schema({full()}), Schema({collection("active", {}, kView)}), Schema({full()}), kAll);
  EXPECT_THAT(summary(hidden), Contains(HasSubstr("Dropped collection active: its documents go into the trash")));
  EXPECT_THAT(file(hidden.upgrade),
              HasSubstr("# Replace collection by a view: active\n    # The collection is dropped"));
}

TEST(ProposalOfKinds, RevertsWhatCanBeWhereTheRestIsHeldBack) {
  const Schema before({collection("m", {}, R"({"timeseries": {"timeField": "at"}})")});
  const Schema models(
      {collection("m", {R"({"key": {"x": 1}})"},
                  R"({"timeseries": {"timeField": "at", "granularity": "hours"}, "expireAfterSeconds": 60})")});
  const Proposal proposal = propose(before, models, before, {});
  EXPECT_EQ(after(before, proposal.upgrade), models);
  EXPECT_EQ(after(models, proposal.downgrade),
            Schema({collection("m", {}, R"({"timeseries": {"timeField": "at", "granularity": "hours"}})")}));
  EXPECT_THAT(operations(proposal.downgrade),
              ElementsAre("drop index m.x_1", "change collection m", "# drop collection m", "# create collection m"));
  EXPECT_EQ(after(models, propose(before, models, before, kAll).downgrade), before);
}

TEST(ProposalOfKinds, RebuildsUnderAValidatorThatOldDocumentsFail) {
  const Schema before({collection("c", {}, R"({"validator": {"a": {"$type": "int"}}})")});
  const Schema models(
      {collection("c", {}, R"({"validator": {"a": {"$type": "int"}}, "collation": {"locale": "fr"}})")});
  EXPECT_THAT(operations(proposed(before, models, before, kAll).upgrade),
              ElementsAre("create collection treering_rebuild.c", "run aggregate c",
                          "change collection treering_rebuild.c", "rename collection treering_rebuild.c to c"));
}

TEST(ProposalOfKinds, RenamesAViewByMakingItAnew) {
  const Schema before({collection("v", {}, kView)});
  Collection view = collection("w", {}, kView);
  view.renamed_from = "v";
  EXPECT_THAT(operations(proposed(before, Schema({view}), before).upgrade),
              ElementsAre("create collection w", "drop collection v"));
}

TEST(ProposalOfKinds, RenamesNoTimeSeries) {
  const Schema before({collection("m", {}, R"({"timeseries": {"timeField": "at"}})")});
  Collection series = before.collections().front();
  series.name = "n";
  series.renamed_from = "m";
  const Proposal proposal = proposed(before, Schema({series}), before, kAll);
  EXPECT_FALSE(proposal.has_changes());
  EXPECT_THAT(summary(proposal), ElementsAre(HasSubstr("Not renamed: collection m to n, as no server renames")));
}

TEST(ProposalOfKinds, LeavesAnIndexItsMeaningUnderAnotherCollation) {
  Collection plain = collection("c", {R"({"key": {"a": 1}})"});
  Collection french = collection("c", {R"({"key": {"a": 1}})"}, R"({"collation": {"locale": "fr"}})");
  const auto with_foreign = [](Collection live, const char* specification) {
    live.indexes.push_back(
        *canonical_index(Document::from_json(specification), live.options, IndexSource::specification));
    return live;
  };
  const char* inheriting = R"({"key": {"z": 1}, "unique": true})";
  const char* simple = R"({"key": {"z": 1}, "unique": true, "collation": {"locale": "simple"}})";
  const char* by_itself = R"({"key": {"z": 1}, "unique": true, "collation": {"locale": "fr"}})";
  EXPECT_EQ(proposed(Schema({plain}), Schema({french}), Schema({with_foreign(plain, inheriting)}), kAll).to,
            Schema({with_foreign(french, simple)}));
  EXPECT_EQ(proposed(Schema({french}), Schema({plain}), Schema({with_foreign(french, inheriting)}), kAll).to,
            Schema({with_foreign(plain, by_itself)}));
  const Schema live({with_foreign(plain, inheriting)});
  EXPECT_EQ(proposed(Schema({plain}), Schema({french}), live).to, live) << "held back";
}

TEST(ProposalOfKinds, OffersAHeldBackDropAgainWithoutSayingItInEachRevision) {
  const Schema before({wallet()});
  const Proposal held = proposed(before, Schema(), before);
  EXPECT_TRUE(held.has_changes());
  const Proposal again = propose(held.snapshot, Schema(), held.to, {});
  EXPECT_FALSE(again.has_changes());
  EXPECT_THAT(summary(again), ElementsAre(HasSubstr("collection wallet is in no model any more")));
  const Proposal allowed = proposed(again.snapshot, Schema(), again.to, kAll);
  EXPECT_THAT(operations(allowed.upgrade), ElementsAre("drop collection wallet"));
  EXPECT_TRUE(allowed.snapshot.empty());
  const Schema models({wallet()});
  EXPECT_FALSE(propose(held.snapshot, models, held.to, {}).has_changes()) << "its model came back";
}

}  // namespace
}  // namespace treering
