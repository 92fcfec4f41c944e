// SPDX-License-Identifier: Apache-2.0
// Transactional revisions: the code and its record are there both or neither, whatever is lost on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/engine_world.h"
#include "treering/engine/dry_run.h"
#include "treering/engine/migrate.h"
#include "treering/engine/planned_scripts.h"

namespace treering {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Operation removes(const std::string& collection, const std::string& id) {
  const Document statement = Document().add("q", Document().add("_id", id)).add("limit", 1);
  return {"app", Write{Write::Verb::remove, collection, {statement}, {}}};
}

class TransactionTest : public testing::Test {
 protected:
  TransactionTest() {
    me.project.settings.transactional = true;
    world.line(2);
    for (const std::string id : {"r1", "r2"}) {
      me.scripts.on("+" + id, [id](Env& env) {
        inserts("people", id + "a")(env);
        inserts("places", id + "b")(env);
      });
      me.scripts.on("-" + id, [id](Env& env) {
        env.apply(removes("people", id + "a"));
        env.apply(removes("places", id + "b"));
      });
    }
  }

  std::vector<std::string> ids(const std::string& collection) {
    std::vector<std::string> result;
    for (const Document& document : world.server.documents("app", collection))
      result.push_back(document.string("_id").value());
    return result;
  }
  // What a failed upgrade of r1 by that code says.
  Error failure(const ScriptedScripts::Code& code) {
    me.scripts.on("+r1", code);
    const RunReport report = upgrade(me.project, "r1");
    EXPECT_TRUE(report.failure);
    EXPECT_THAT(world.recorded(), IsEmpty());
    return report.failure ? *report.failure : Error(Kind::usage, "");
  }
  // Both collections agree with the records: nothing was done by half, or twice.
  void expect_whole(const std::string& when) {
    const auto recorded = world.recorded();
    std::vector<std::string> people, places;
    for (const std::string& id : recorded) {
      people.push_back(id + "a");
      places.push_back(id + "b");
    }
    EXPECT_EQ(ids("people"), people) << when;
    EXPECT_EQ(ids("places"), places) << when;
  }

  World world;
  Runner me{world.server, world.files, "me"};
};

TEST_F(TransactionTest, TheRecordIsWrittenInTheSameTransaction) {
  upgrade(me.project, "head");
  EXPECT_THAT(world.recorded(), ElementsAre("r1", "r2"));
  EXPECT_EQ(world.disagreement(), "");
  std::size_t commits = 0;
  for (const auto& sent : world.server.sent()) {
    if (sent.collection == kRevisionsCollection && sent.name == "update") {
      EXPECT_FALSE(sent.command.has("writeConcern"));
    }
    if (sent.name == "commitTransaction") ++commits;
  }
  EXPECT_EQ(commits, 2U);
  downgrade(me.project, "base");
  EXPECT_THAT(ids("people"), IsEmpty());
  EXPECT_EQ(world.disagreement(), "");
}

TEST_F(TransactionTest, CodeThatRaisesLeavesNothing) {
  const Error error = failure([](Env& env) {
    inserts("people", "r1a")(env);
    throw Error(Kind::migration_failed, "ValueError");
  });
  EXPECT_STREQ(error.what(), "ValueError");
  EXPECT_THAT(upgrade(me.project, "r1").failed->written, IsEmpty()) << "it was rolled back";
  EXPECT_THAT(ids("people"), IsEmpty());
  EXPECT_THAT(world.journal(), ElementsAre("upgrade r1 failed", "upgrade r1 failed"));
}

TEST_F(TransactionTest, OfARunnerThatDiedInItNothingStays) {
  Runner other(world.server, world.files, "there");
  other.project.settings.transactional = true;
  other.scripts.on("+r1", [](Env& env) {
    inserts("people", "ann")(env);
    throw KilledInCode{};
  });
  EXPECT_THROW(upgrade(other.project, "head"), KilledInCode);
  world.pass(std::chrono::seconds(120), {&me});
  me.scripts.on("+r1", inserts("people", "bob"));
  upgrade(me.project, "head");
  EXPECT_THAT(me.heard.notes,
              ElementsAre(HasSubstr("was cut off: its transaction was not committed, so nothing of it stays")));
  EXPECT_THAT(ids("people"), ElementsAre("bob", "r2a"));
}

TEST_F(TransactionTest, ItsOwnHeaderWinsOverTheConfiguration) {
  const std::string path = world.paths.at("r1");
  std::string text = world.files.read(path);
  world.files.write(path, text.insert(text.find("def upgrade"), "transactional = False\n\n\n"));
  world.server.connect()->command("app", Document().add("create", "people"));
  failure([](Env& env) {
    inserts("people", "r1a")(env);
    throw Error(Kind::migration_failed, "ValueError");
  });
  EXPECT_THAT(ids("people"), ElementsAre("r1a"));
}

TEST_F(TransactionTest, AConflictRunsAllOfItAgain) {
  upgrade(me.project, "r1");
  world.file("r3", {"r2"});
  int runs = 0;
  me.scripts.on("+r3", [&](Env& env) {
    env.read("app", Document().add("find", "people"));
    if (++runs == 1) world.server.connect()->command("app", commands_of(removes("people", "r1a")).front());
    env.apply(removes("people", "r1a"));
    inserts("people", "r1a")(env);
  });
  const RunReport report = upgrade(me.project, "head");
  EXPECT_FALSE(report.failure) << report.failure->what();
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(report.done.back().written.at("people"), 1) << "what was rolled back doesn't count";
  EXPECT_EQ(world.disagreement(), "");
}

TEST_F(TransactionTest, AConflictThatStaysIsTheFailureAfterTwoMinutes) {
  upgrade(me.project, "r1");
  int runs = 0;
  me.scripts.on("+r2", [&](Env& env) {
    ++runs;
    env.read("app", Document().add("find", "people"));
    const Document statement =
        Document().add("q", Document().add("_id", "r1a")).add("u", Document().add("$set", Document().add("run", runs)));
    const Operation change{"app", Write{Write::Verb::update, "people", {statement}, {}}};
    world.server.connect()->command("app", commands_of(change).front());
    env.apply({"app", RunCommand{Document()
                                     .add("findAndModify", "people")
                                     .add("query", Document().add("_id", "r1a"))
                                     .add("update", Document().add("$set", Document().add("b", 1)))}});
  });
  const auto start = me.clock.monotonic_us();
  const RunReport report = upgrade(me.project, "head");
  ASSERT_TRUE(report.failure);
  EXPECT_THAT(report.failure->what(), HasSubstr("Write conflict"));
  EXPECT_GT(runs, 100);
  EXPECT_LE(me.clock.monotonic_us() - start, std::chrono::microseconds(seconds(121)).count());
  EXPECT_THAT(world.recorded(), ElementsAre("r1"));
}

// The commit was carried out, its reply is lost, and the wait before it is asked for again ends by a signal.
TEST_F(TransactionTest, InterruptedWhileNobodyKnowsOfTheCommitItIsForTheNextRunner) {
  world.server.after_command([&](const MemoryServer::Sent& sent, const Document&) {
    if (sent.name != "commitTransaction") return true;
    me.clock.interrupt(15);
    return false;
  });
  const RunReport report = upgrade(me.project, "r1");
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->kind(), Kind::interrupted);
  EXPECT_NE(report.failure->field("unsettled"), "");
  EXPECT_THAT(world.recorded(), ElementsAre("r1"));
  EXPECT_THAT(world.journal(), IsEmpty()) << "nobody says that it is undone";

  world.server.after_command({});
  me.clock.interrupt(0);
  world.pass(seconds(31), {&me});
  upgrade(me.project, "head");
  EXPECT_THAT(world.journal(), ElementsAre("upgrade r1 done", "upgrade r2 done"));
  expect_whole("in the end");
  EXPECT_EQ(world.disagreement(), "");
}

TEST_F(TransactionTest, CodeThatGoesOnAfterAnErrorIsToldWhichOne) {
  upgrade(me.project, "r1");
  me.scripts.on("+r2", [&](Env& env) {
    inserts("people", "r2a")(env);
    inserts("people", "r1a")(env);  // writeErrors: nobody looks
  });
  const RunReport report = upgrade(me.project, "head");
  ASSERT_TRUE(report.failure);
  EXPECT_THAT(report.failure->what(), AllOf(HasSubstr("r2 went on after"), HasSubstr("E11000")));
  EXPECT_THAT(ids("people"), ElementsAre("r1a"));
}

TEST_F(TransactionTest, AServerWithoutTransactionsIsRefusedBeforeAnythingRuns) {
  world.server.stand_alone();
  const Error error = caught([&] { upgrade(me.project, "head"); });
  EXPECT_THAT(error.what(), AllOf(HasSubstr("revision r1 is transactional"), HasSubstr("no replica set")));
  EXPECT_EQ(error.kind(), Kind::revision);
  const Error dry = caught([&] { dry_run(me.project, Direction::upgrade, "head"); });
  EXPECT_STREQ(dry.what(), error.what());
  EXPECT_EQ(dry.kind(), error.kind());
  EXPECT_FALSE(world.state_document());
  world.server.speak_wire_version(6);
  EXPECT_THAT(me.scripts.started(), IsEmpty());
}

TEST_F(TransactionTest, WhatNoTransactionTakesIsRefusedByNameAndNotSent) {
  world.server.connect()->command("app", Document().add("create", "old"));
  const Document index = Document().add("key", Document().add("a", 1)).add("name", "a_1");
  const std::vector<std::pair<std::string, Operation>> refused = {
      {"drop collection old", {"app", DropCollection{"old"}}},
      {"old", {"app", RenameCollection{"old", "new"}}},
      {"old.a_1", {"app", DropIndexes{"old", Document().add("index", "a_1"), {}}}},
      {"old", {"app", ModifyCollection{"old", Document().add("validationLevel", "off")}}},
      {"the collection old was there before it", {"app", CreateIndexes{"old", {index}, {}}}},
      {"$out", {"app", RunCommand{Document::from_json(R"({"aggregate": "old", "pipeline": [{"$out": "x"}]})")}}},
      {"createUser", {"app", RunCommand{Document().add("createUser", "ann")}}},
      {"on the database admin", {"admin", Write{Write::Verb::insert, "c", {Document()}, {}}}},
  };
  for (const auto& [words, operation] : refused) {
    world.server.forget_sent();
    const Error error = failure([&](Env& env) { env.apply(operation); });
    EXPECT_THAT(error.what(), AllOf(HasSubstr(words), HasSubstr("isn't allowed in a transaction"),
                                    HasSubstr("(revision r1 is transactional)")));
    for (const auto& sent : world.server.sent()) EXPECT_FALSE(sent.command == commands_of(operation).front()) << words;
  }
  for (const char* read : {"count", "listIndexes", "listCollections", "explain"})
    EXPECT_THAT(failure([&](Env& env) { env.read("app", Document().add(read, "old")); }).what(), HasSubstr(read));
}

// The server has no index built in a transaction that has documents to look at.
TEST_F(TransactionTest, AnIndexOnWhatItFilledIsRefusedAndInADryRunAsWell) {
  const Operation index{"app",
                        CreateIndexes{"made", {Document().add("key", Document().add("a", 1)).add("name", "a_1")}, {}}};
  const auto code = [&](Env& env) {
    env.create_collection("made");
    inserts("made", "ann")(env);
    env.apply(index);
  };
  const Error error = failure(code);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("create index made.a_1 isn't allowed in a transaction"),
                                  HasSubstr("the collection made has documents by then")));
  for (const Purpose purpose : {Purpose::dry_run, Purpose::script}) {
    const auto connection = world.server.connect();
    Store store(*connection, "app");
    const Graph graph = load_graph(world.files);
    const auto scripts = planned_scripts(me.project, store, graph, {"r1"}, Direction::upgrade);
    const CollectedRun run = collect(me.project, Direction::upgrade, graph, scripts, purpose);
    ASSERT_TRUE(run.failure);
    EXPECT_STREQ(run.failure->what(), error.what());
  }
  me.scripts.on("+r1", [&](Env& env) {
    inserts("made", "ann")(env);
    env.apply(removes("made", "ann"));
    env.apply(index);
  });
  const RunReport report = upgrade(me.project, "r1");
  EXPECT_FALSE(report.failure) << report.failure->what();
}

TEST_F(TransactionTest, WhatTheServerItselfRefusesComesWithAHint) {
  const Error error = failure([](Env& env) {
    env.apply({"app", RunCommand{Document().add("bulkWrite", 1)}});  // allowed by newer servers only
  });
  EXPECT_THAT(error.what(), HasSubstr("Cannot run 'bulkWrite'"));
  EXPECT_THAT(error.hint(), HasSubstr("without transactional = True"));
}

TEST_F(TransactionTest, MakesCollectionsAndIndexesAndSeesThem) {
  world.server.connect()->command("app", Document().add("create", "old"));
  me.scripts.on("+r1", [](Env& env) {
    EXPECT_TRUE(env.create_collection("made"));
    EXPECT_FALSE(env.create_collection("made"));
    EXPECT_FALSE(env.create_collection("old"));
    const Document index = Document().add("key", Document().add("a", 1)).add("name", "a_1");
    env.apply({"app", CreateIndexes{"made", {index}, {}}});
    inserts("implied", "x")(env);
    EXPECT_THAT(env.collections(), ElementsAre("implied", "made", "old"));
    EXPECT_EQ(env.read("admin", Document().add("hello", 1)).string("setName"), "memory");
    EXPECT_EQ(env.read("app", Document().add("find", "implied")).documents("cursor.firstBatch").size(), 1U);
  });
  const RunReport report = upgrade(me.project, "r1");
  EXPECT_FALSE(report.failure) << report.failure->what();
  EXPECT_THAT(report.done.front().schema, ElementsAre("create collection made", "create index made.a_1"));
  EXPECT_THAT(ids("implied"), ElementsAre("x"));
}

TEST_F(TransactionTest, AnOldServerMakesNoCollectionsInOne) {
  world.server.speak_wire_version(8);
  EXPECT_THAT(failure([](Env& env) { env.create_collection("made"); }).what(), HasSubstr("before MongoDB 4.4"));
}

using Verb = RunReport (*)(Project&, const std::string&);

// A world of its own for each command that is lost.
class Losing : public TransactionTest {
 public:
  void TestBody() override {}

  // False where the run was over before its n-th command.
  bool lose(Fault fault, bool for_good, Verb verb, const std::string& target, std::size_t n) {
    if (target == "base") upgrade(me.project, "head");
    world.server.forget_sent();
    world.server.fail_command(n, fault);
    if (for_good)
      world.server.before_command([&](const MemoryServer::Sent&) {
        if (world.server.sent().size() >= n) throw Error(Kind::unreachable, "gone").with("error_labels", "");
      });
    run(verb, target);
    world.server.before_command({});
    if (world.server.fault_is_still_to_come()) return false;
    const std::string when = "lost the " + std::to_string(n) + ". command, " + world.server.sent()[n - 1].name;
    expect_whole(when);
    world.pass(seconds(31), {&me});
    run(verb, target);
    expect_whole(when);
    EXPECT_EQ(world.recorded().size(), target == "base" ? 0U : 2U) << when;
    EXPECT_EQ(world.disagreement(), "") << when;
    return true;
  }

 private:
  void run(Verb verb, const std::string& target) {
    try {
      verb(me.project, target);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::unreachable) << error.what();
    }
  }
};

struct Loss {
  std::string name;
  Fault fault;
  bool for_good;
  Verb verb;
  std::string target;
  friend std::ostream& operator<<(std::ostream& out, const Loss& loss) { return out << loss.name; }
};

class LossTest : public testing::TestWithParam<Loss> {};

TEST_P(LossTest, OfAnyCommandLeavesAllOfARevisionOrNothing) {
  const Loss& loss = GetParam();
  std::size_t n = 1;
  while (Losing().lose(loss.fault, loss.for_good, loss.verb, loss.target, n)) {
    if (HasFailure()) return;
    ASSERT_LT(++n, 200U);
  }
  EXPECT_GT(n, 10U);
}

INSTANTIATE_TEST_SUITE_P(Losses, LossTest,
                         testing::Values(Loss{"upgrade_request", Fault::request_lost, false, upgrade, "head"},
                                         Loss{"upgrade_reply", Fault::reply_lost, false, upgrade, "head"},
                                         Loss{"upgrade_request_for_good", Fault::request_lost, true, upgrade, "head"},
                                         Loss{"upgrade_reply_for_good", Fault::reply_lost, true, upgrade, "head"},
                                         Loss{"downgrade_request", Fault::request_lost, false, downgrade, "base"},
                                         Loss{"downgrade_reply", Fault::reply_lost, false, downgrade, "base"},
                                         Loss{"downgrade_request_for_good", Fault::request_lost, true, downgrade,
                                              "base"},
                                         Loss{"downgrade_reply_for_good", Fault::reply_lost, true, downgrade, "base"}),
                         [](const auto& loss) { return loss.param.name; });

}  // namespace
}  // namespace treering
