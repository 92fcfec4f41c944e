// SPDX-License-Identifier: Apache-2.0
// A connection that breaks during an operation on collections or indexes doesn't stop a run that has its lease: whether
// the server got it or not, the operation is done once, and what the server refuses stays refused.
#include "treering/engine/send_again.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "fake/engine_world.h"
#include "treering/base/error.h"
#include "treering/base/reply.h"
#include "treering/engine/migrate.h"

namespace treering {
namespace {

using std::chrono::seconds;

Document index_of(const char* field) {
  return Document().add("key", Document().add(field, 1)).add("name", std::string(field) + "_1");
}

void apply(Env& env, const decltype(Operation::body)& body) { env.apply({env.database(), body}); }

// A database with something in it, and a revision r1 to come.
struct Filled : World {
  Filled() {
    file("r0", {});
    file("r1", {"r0"});
    me.scripts.on("+r0", [](Env& env) {
      inserts("users", "ann")(env);
      apply(env, CreateIndexes{"users", {index_of("email")}, {}});
      inserts("old", "ancient")(env);
    });
    upgrade(me.project, "r0");
  }

  // The first command of that name is lost on its way, or the reply to it.
  void lose(const std::string& command, Fault fault, const std::function<void()>& meanwhile = {}) {
    server.before_command([this, command, fault, meanwhile, lost = false](const MemoryServer::Sent& sent) mutable {
      if (lost || sent.name != command) return;
      lost = true;
      if (meanwhile) meanwhile();
      server.fail_command(1, fault);
    });
  }

  std::map<std::string, std::string> contents() {
    std::map<std::string, std::string> result;
    for (const std::string& name : server.collections("app")) {
      if (is_internal_collection(name) && !name.starts_with(kTrashPrefix)) continue;
      std::string& text = result[name];
      for (const Document& index : server.collection("app", name)->indexes()) text += index.json();
      for (const Document& document : server.documents("app", name)) text += document.json();
    }
    return result;
  }

  RunReport runs(const ScriptedScripts::Code& code) {
    me.scripts.on("+r1", code);
    return upgrade(me.project, "head");
  }

  Runner me{server, files, "here"};
};

struct Case {
  std::string name;
  std::string command;  // the one that is lost
  ScriptedScripts::Code code;
};

const std::vector<Case> kCases = {
    {"create", "create", [](Env& env) { EXPECT_TRUE(env.create_collection("wallet")); }},
    {"drop", "renameCollection", [](Env& env) { EXPECT_TRUE(env.drop_collection("users")); }},
    {"drop_for_good", "drop", [](Env& env) { EXPECT_TRUE(env.drop_collection("users", Drops::for_good)); }},
    {"rename", "renameCollection", [](Env& env) { apply(env, RenameCollection{"old", "older", false}); }},
    {"rename_over_another", "renameCollection", [](Env& env) { apply(env, RenameCollection{"old", "users", true}); }},
    {"create_index", "createIndexes", [](Env& env) { apply(env, CreateIndexes{"users", {index_of("name")}, {}}); }},
    {"an_index_that_is_there", "createIndexes",
     [](Env& env) { apply(env, CreateIndexes{"users", {index_of("email")}, {}}); }},
    {"drop_index", "dropIndexes",
     [](Env& env) { apply(env, DropIndexes{"users", Document().add("index", "email_1"), {}}); }},
};

struct Broken {
  Case tried;
  Fault fault = Fault::request_lost;
  friend std::ostream& operator<<(std::ostream& out, const Broken& broken) { return out << broken.tried.name; }
};

std::vector<Broken> all_broken() {
  std::vector<Broken> all;
  for (const Case& each : kCases)
    for (const Fault fault : {Fault::request_lost, Fault::reply_lost}) all.push_back({each, fault});
  return all;
}

class SendAgainTest : public testing::TestWithParam<Broken> {};

TEST_P(SendAgainTest, TheRunEndsAsOneThatNothingDisturbed) {
  const Broken& broken = GetParam();
  Filled calm;
  const RunReport wanted = calm.runs(broken.tried.code);
  ASSERT_EQ(wanted.failure, nullptr);
  Filled disturbed;
  disturbed.lose(broken.tried.command, broken.fault);
  const RunReport report = disturbed.runs(broken.tried.code);
  ASSERT_EQ(report.failure, nullptr) << report.failure->what();
  EXPECT_FALSE(disturbed.server.fault_is_still_to_come());
  EXPECT_EQ(report.done.at(0).schema, wanted.done.at(0).schema);
  EXPECT_EQ(disturbed.contents(), calm.contents());
  EXPECT_EQ(disturbed.disagreement(), "");
}

INSTANTIATE_TEST_SUITE_P(Operations, SendAgainTest, testing::ValuesIn(all_broken()), [](const auto& tested) {
  return tested.param.tried.name + (tested.param.fault == Fault::request_lost ? "_request" : "_reply");
});

// What was sent twice is undone once.
TEST(SendAgain, AFailureAfterwardsUndoesIt) {
  for (const Broken& broken : all_broken()) {
    SCOPED_TRACE(broken.tried.name);
    if (broken.tried.name == "drop_for_good") continue;  // nothing undoes that
    Filled world;
    const auto before = world.contents();
    world.lose(broken.tried.command, broken.fault);
    const RunReport report = world.runs([&](Env& env) {
      broken.tried.code(env);
      throw Error(Kind::migration_failed, "boom");
    });
    EXPECT_STREQ(report.failure->what(), "boom");
    EXPECT_EQ(world.contents(), before);
  }
}

// The refusal is the server's answer to the operation, not a sign that it was carried out.
TEST(SendAgain, WhatCanNotBeIsRefusedAllTheSame) {
  const std::vector<std::pair<std::string, decltype(Operation::body)>> wrong = {
      {"create", CreateCollection{"users", {}}},
      {"renameCollection", RenameCollection{"nowhere", "somewhere", false}},
      {"dropIndexes", DropIndexes{"users", Document().add("index", "nothing_1"), {}}},
      {"dropIndexes", DropIndexes{"nowhere", Document().add("index", "email_1"), {}}},
  };
  for (const auto& [command, body] : wrong) {
    SCOPED_TRACE(command);
    Filled world;
    const auto before = world.contents();
    world.lose(command, Fault::request_lost);
    const RunReport report = world.runs([&](Env& env) { apply(env, body); });
    ASSERT_NE(report.failure, nullptr);
    EXPECT_EQ(report.failure->kind(), Kind::server) << report.failure->what();
    EXPECT_EQ(world.contents(), before);
  }
}

TEST(SendAgain, NotUnderAnothersLease) {
  Filled world;
  Runner other{world.server, world.files, "there"};
  world.lose("createIndexes", Fault::request_lost, [&] {
    world.pass(seconds(31), {&world.me, &other});
    ASSERT_EQ(upgrade(other.project, "head").failure, nullptr);
    world.server.forget_sent();
  });
  const RunReport report = world.runs([](Env& env) { apply(env, CreateIndexes{"users", {index_of("name")}, {}}); });
  ASSERT_NE(report.failure, nullptr);
  EXPECT_EQ(report.failure->kind(), Kind::lease_lost);
  EXPECT_EQ(world.sent("createIndexes", "users"), 1U) << "the one that was lost";
}

// A write of many documents may count up: whether to do it again is for a person to say.
TEST(SendAgain, NoWriteOfManyDocuments) {
  Filled world;
  const RunReport report = world.runs([&](Env& env) {
    world.lose("update", Fault::reply_lost);
    const Document change = Document().add("$inc", Document().add("n", 1));
    Document statement;
    statement.add("q", Document()).add("u", change).add("multi", true);
    apply(env, Write{Write::Verb::update, "users", {statement}, {}});
  });
  ASSERT_NE(report.failure, nullptr);
  EXPECT_EQ(report.failure->kind(), Kind::unreachable);
  EXPECT_EQ(world.server.documents("app", "users").at(0).integer("n"), 1);
}

}  // namespace
}  // namespace treering
