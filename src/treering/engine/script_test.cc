// SPDX-License-Identifier: Apache-2.0
// What a script does is asked of mongosh itself: tests/python/test_mongosh_script.py.
#include "treering/engine/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treering/base/error.h"

namespace treering {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Revision revision(const std::string& id, std::vector<std::string> parents, const std::string& message) {
  return {id, std::move(parents), {}, {}, message, message + "\n", "migrations/versions/" + id + "_x.py"};
}

// b and c stand on a; d merges them and names c as what it depends on.
Catalog forked() {
  Revision merge = revision("d", {"b"}, "merge");
  merge.depends_on = {"c"};
  Catalog catalog;
  catalog.graph =
      Graph({revision("a", {}, "start"), revision("b", {"a"}, "left"), revision("c", {"a"}, "right"), merge});
  return catalog;
}

Script script(const std::string& id) { return {id, "migrations/versions/" + id + "_x.py", "source of " + id}; }

TEST(ScriptPlan, KnowsTheStateAfterEachStep) {
  Catalog catalog = forked();
  catalog.applied = {"a"};
  const ScriptPlan plan = script_plan("shop", Direction::upgrade, catalog, {script("b"), script("c"), script("d")});
  EXPECT_THAT(plan.before.heads, ElementsAre("a"));
  ASSERT_EQ(plan.steps.size(), 3u);
  EXPECT_THAT(plan.steps[0].after.heads, ElementsAre("b"));
  EXPECT_THAT(plan.steps[1].after.heads, ElementsAre("b", "c"));
  EXPECT_THAT(plan.steps[2].after.heads, ElementsAre("d"));
  EXPECT_EQ(plan.steps[2].after.count, 4);
  EXPECT_THAT(plan.steps[2].record.revision.depends_on, ElementsAre("c"));
  EXPECT_EQ(plan.steps[2].record.source, "source of d");
}

TEST(ScriptPlan, DownwardsEndsWhereUpwardsBegan) {
  Catalog catalog = forked();
  const ScriptPlan up = script_plan("shop", Direction::upgrade, catalog, {script("a"), script("b")});
  catalog.applied = {"a", "b"};
  const ScriptPlan down = script_plan("shop", Direction::downgrade, catalog, {script("b"), script("a")});
  EXPECT_EQ(down.before, up.steps[1].after);
  EXPECT_EQ(down.steps[0].after, up.steps[0].after);
  EXPECT_EQ(down.steps[1].after, up.before);
}

TEST(ScriptPlan, WaitsForRevisionsThatAreNotAdopted) {
  Catalog catalog = forked();
  catalog.applied = {"a"};
  catalog.adopted = {"a"};
  EXPECT_THROW(script_plan("shop", Direction::upgrade, catalog, {script("b")}), Error);
}

TEST(MigrationScript, HoldsTheStatementsBetweenAttemptAndRecord) {
  ScriptPlan plan = script_plan("shop", Direction::upgrade, forked(), {script("a")});
  plan.steps[0].operations = {{"shop", DropCollection{"x"}}, {"shop", Write{Write::Verb::insert, "x", {}, {}}}};
  EXPECT_THAT(migration_script(plan), HasSubstr(R"(
    // 1 of 1: a  start
    // migrations/versions/a_x.py
    begin("a", "start");
    run(() => db.getCollection("x").drop());
    finish(
      {heads: ["a"], count: NumberLong("1"), digest: ")"));
}

TEST(MigrationScript, ADowngradeForgetsItsRecord) {
  Catalog catalog = forked();
  catalog.applied = {"a"};
  const std::string text = migration_script(script_plan("shop", Direction::downgrade, catalog, {script("a")}));
  EXPECT_THAT(text, HasSubstr("const DIRECTION = \"downgrade\";"));
  EXPECT_THAT(text, Not(HasSubstr("source of a")));
}

TEST(MigrationScript, CommentsStayComments) {
  Catalog catalog;
  catalog.graph = Graph({revision("a", {}, "one\u2028alert(1)")});
  ScriptPlan plan = script_plan("sh\nop", Direction::upgrade, catalog, {script("a")});
  plan.steps[0].reads = {"x.py:1: find\ndb.dropDatabase()"};
  const std::string text = migration_script(plan);
  EXPECT_THAT(text, HasSubstr("// 1 of 1: a  one\\u2028alert(1)\n"));
  EXPECT_THAT(text, HasSubstr("// !!!   x.py:1: find\\ndb.dropDatabase()\n"));
  EXPECT_THAT(text, Not(HasSubstr("\ndb.dropDatabase")));
  EXPECT_THAT(text, HasSubstr("const DATABASE = \"sh\\nop\";"));
}

TEST(MigrationScript, WhatCannotBeSentIsRefusedWithItsRevision) {
  ScriptPlan plan = script_plan("shop", Direction::upgrade, forked(), {script("a")});
  const Document old = Document::from_json(R"({"a": {"$undefined": true}})");
  plan.steps[0].operations = {{"shop", Write{Write::Verb::insert, "x", {old}, {}}}};
  try {
    migration_script(plan);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.field("revision"), "a");
    EXPECT_EQ(error.field("field"), "a");
  }
}

}  // namespace
}  // namespace treering
