// SPDX-License-Identifier: Apache-2.0
// Taking over from _db_version, and stamp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "fake/engine_world.h"
#include "treering/base/error.h"
#include "treering/engine/doctor.h"
#include "treering/engine/inspect.h"
#include "treering/engine/migrate.h"

namespace treering {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AdoptTest : public testing::Test, public World {
 protected:
  void foreign(const std::vector<std::string>& versions) {
    auto connection = server.connect();
    std::int64_t when = 1700000000000;
    std::vector<Document> documents;
    for (const std::string& version : versions)
      documents.push_back(Document().add("version_num", version).add("applied_at", Date{when += 1000}));
    connection->command("app", Document().add("insert", "_db_version").add_array("documents", documents));
    before_ = server.documents("app", "_db_version");
  }
  void TearDown() override { EXPECT_EQ(server.documents("app", "_db_version"), before_); }

  Runner me{server, files, "here"};
  std::vector<Document> before_;
};

TEST_F(AdoptTest, ReadersSeeItAndWriteNothing) {
  line(3);
  foreign({"r1", "r2"});
  const CurrentReport report = current(me.project);
  EXPECT_THAT(report.heads, ElementsAre("r2"));
  EXPECT_THAT(report.pending, ElementsAre("r3"));
  EXPECT_THAT(report.notes, ElementsAre("_db_version is at r2: the next upgrade, downgrade or stamp adopts that, "
                                        "2 revisions in all"));
  const auto rows = history(me.project, "", true);
  EXPECT_EQ(rows.at(0).applied, false);
  EXPECT_EQ(rows.at(1).applied, true);
  const auto found = doctor(me.project, {"/shop/treering.toml", {"migrations/versions"}});
  EXPECT_TRUE(std::ranges::any_of(found, [](const Diagnosis& one) {
    return one.what == "2 applied by _db_version; the next run takes that over";
  }));
  std::vector<std::string> heads;
  EXPECT_FALSE(nothing_to_upgrade(me.project, "head", heads));
  EXPECT_EQ(state_document(), std::nullopt);
  EXPECT_THAT(recorded(), IsEmpty());
}

TEST_F(AdoptTest, TheFirstUpgradeWritesItOnceAndGoesOn) {
  line(3);
  foreign({"r1", "r2"});
  const RunReport report = upgrade(me.project, "head");
  EXPECT_THAT(me.scripts.ended(), ElementsAre("+r3"));
  EXPECT_THAT(me.heard.notes, ElementsAre("adopted 2 revisions, as _db_version is at r2: r1, r2"));
  EXPECT_THAT(report.heads, ElementsAre("r3"));
  EXPECT_EQ(record("r2")->string("how"), "adopted");
  EXPECT_EQ(record("r2")->date("applied_at")->ms, 1700000002000);
  EXPECT_EQ(record("r2")->string("source"), files.texts().at(paths["r2"]));
  EXPECT_EQ(disagreement(), "");

  // What the other system does afterwards is its own affair.
  foreign({"r9"});
  me.heard.notes.clear();
  EXPECT_TRUE(upgrade(me.project, "head").at_head);
  EXPECT_THAT(me.heard.notes, IsEmpty());
  EXPECT_THAT(current(me.project).unknown, IsEmpty());
}

TEST_F(AdoptTest, ItIsWrittenAlsoWhereNothingIsPending) {
  line(2);
  foreign({"r1", "r2"});
  EXPECT_TRUE(upgrade(me.project, "head").at_head);
  EXPECT_THAT(recorded(), ElementsAre("r1", "r2"));
  EXPECT_EQ(disagreement(), "");
  std::vector<std::string> heads;
  EXPECT_TRUE(nothing_to_upgrade(me.project, "head", heads));
}

TEST_F(AdoptTest, WhatItStandsOnIsAppliedToo) {
  line(3);
  foreign({"r3"});  // it kept the latest version only
  EXPECT_THAT(current(me.project).notes, ElementsAre(HasSubstr("_db_version is at r3: ")));
  EXPECT_TRUE(upgrade(me.project, "head").at_head);
  EXPECT_THAT(me.heard.notes, ElementsAre("adopted 3 revisions, as _db_version is at r3: r1, r2, r3"));
  EXPECT_THAT(recorded(), ElementsAre("r1", "r2", "r3"));
  EXPECT_THAT(me.scripts.started(), IsEmpty());
}

TEST_F(AdoptTest, AVersionWithoutFileIsKeptAsUnknown) {
  line(1);
  foreign({"r1", "old", "r1"});
  const RunReport report = upgrade(me.project, "head");
  EXPECT_THAT(report.unknown, ElementsAre("old"));
  EXPECT_THAT(me.heard.notes, ElementsAre("adopted 2 revisions, as _db_version is at old: r1, old",
                                          HasSubstr("old is applied, but no file")));
  EXPECT_THAT(recorded(), ElementsAre("old", "r1"));
  try {
    downgrade(me.project, "-1");
    ADD_FAILURE() << "there is nothing to run";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::revision);
    EXPECT_THAT(error.what(), HasSubstr("old is applied"));
  }
}

TEST_F(AdoptTest, ARunThatDiedAfterTheStateWasMadeAdoptsNothingAway) {
  line(2);
  foreign({"r1"});
  for (const int at : {1, 2}) {  // before the adopted records are written; before the first revision begins
    int commands = 0;
    server.before_command([&](const MemoryServer::Sent& sent) {
      if (commands > 0 || sent.collection == (at == 1 ? kRevisionsCollection : kStateCollection)) {
        if (at == 1 ? sent.name != "find" : sent.name == "update") ++commands;
      }
      if (commands > 0) throw Killed{};
    });
    EXPECT_THROW(upgrade(me.project, "head"), Killed);
    server.before_command({});
    ASSERT_TRUE(state_document().has_value());
    EXPECT_TRUE(state().fresh);
    EXPECT_THAT(current(me.project).heads, ElementsAre("r1"));
    server.advance(std::chrono::seconds(31));
  }
  me.scripts.forget_runs();
  upgrade(me.project, "head");
  EXPECT_THAT(me.scripts.started(), ElementsAre("+r2"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(AdoptTest, ADowngradeAdoptsFirst) {
  line(2);
  foreign({"r1", "r2"});
  downgrade(me.project, "-1");
  EXPECT_THAT(me.scripts.ended(), ElementsAre("-r2"));
  EXPECT_THAT(recorded(), ElementsAre("r1"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(AdoptTest, AStampKeepsWhenItWasApplied) {
  line(3);
  foreign({"r1"});
  stamp(me.project, {"r2"}, false);
  EXPECT_EQ(record("r1")->string("how"), "adopted");
  EXPECT_EQ(record("r1")->date("applied_at")->ms, 1700000001000);
  EXPECT_EQ(record("r2")->string("how"), "stamp");
  EXPECT_EQ(disagreement(), "");
}

TEST_F(AdoptTest, AnEmptyOneIsNone) {
  line(1);
  auto connection = server.connect();
  connection->command("app", Document().add("create", "_db_version"));
  EXPECT_THAT(current(me.project).notes, IsEmpty());
  upgrade(me.project, "head");
  EXPECT_THAT(me.heard.notes, IsEmpty());
}

using StampTest = AdoptTest;

TEST_F(StampTest, RecordsWithoutRunning) {
  line(3);
  const RunReport report = stamp(me.project, {"r2"}, false);
  EXPECT_THAT(me.scripts.started(), IsEmpty());
  EXPECT_THAT(report.heads, ElementsAre("r2"));
  EXPECT_FALSE(report.at_head);
  EXPECT_EQ(report.done.size(), 2U);
  EXPECT_EQ(record("r1")->string("how"), "stamp");
  EXPECT_EQ(record("r1")->string("source"), files.texts().at(paths["r1"]));
  EXPECT_THAT(journal(), ElementsAre("stamp r2 done"));
  EXPECT_EQ(disagreement(), "");
  EXPECT_TRUE(lease_is_free());
}

TEST_F(StampTest, GoesBackAndToBase) {
  line(3);
  upgrade(me.project, "head");
  const RunReport report = stamp(me.project, {"r1"}, false);
  EXPECT_THAT(recorded(), ElementsAre("r1"));
  EXPECT_EQ(report.done.size(), 2U);
  EXPECT_EQ(report.done[0].revision, "r3");
  EXPECT_EQ(disagreement(), "");
  stamp(me.project, {"base"}, false);
  EXPECT_THAT(recorded(), IsEmpty());
  EXPECT_EQ(disagreement(), "");
}

TEST_F(StampTest, PurgeForgetsWhatNoFileHas) {
  line(2);
  upgrade(me.project, "head");
  remove_file("r2");
  EXPECT_THAT(stamp(me.project, {"r1"}, false).unknown, IsEmpty());  // it stood on r1
  file("r2", {"r1"});
  upgrade(me.project, "head");
  remove_file("r2");
  const RunReport report = stamp(me.project, {"head"}, true);
  EXPECT_THAT(report.unknown, IsEmpty());
  EXPECT_THAT(recorded(), ElementsAre("r1"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(StampTest, AWrongTargetChangesNothing) {
  line(1);
  EXPECT_THROW(stamp(me.project, {"nobody"}, false), Error);
  EXPECT_EQ(state_document(), std::nullopt);
}

TEST_F(StampTest, IsRefusedWhileSomebodyWorks) {
  line(2);
  Runner other(server, files, "there");
  other.scripts.on("+r2", [&](Env&) { EXPECT_THROW(stamp(me.project, {"base"}, false), Error); });
  EXPECT_EQ(upgrade(other.project, "head").failure, nullptr);
  EXPECT_THAT(recorded(), ElementsAre("r1", "r2"));
}

}  // namespace
}  // namespace treering
