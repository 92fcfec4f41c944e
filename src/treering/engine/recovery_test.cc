// SPDX-License-Identifier: Apache-2.0
// Every command of a run is lost once, before or after the server acted on it; the next run ends where an undisturbed
// one would.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "fake/engine_world.h"
#include "treering/base/error.h"
#include "treering/engine/migrate.h"

namespace treering {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

// r1 <- a2, b2 (which depends on a2) <- r3. Its code writes so that it may run twice.
void small_history(World& world, Runner& runner) {
  world.file("r1", {});
  world.file("a2", {"r1"});
  world.file("b2", {"r1"}, {"a2"});
  world.file("r3", {"a2", "b2"});
  for (const char* id : {"r1", "a2", "b2", "r3"}) {
    const std::string name = id;
    runner.scripts.on("+" + name, [name](Env& env) {
      Document statement;
      statement.add("q", Document().add("_id", name))
          .add("u", Document().add("$set", Document().add("a", 1)))
          .add("upsert", true);
      env.apply({env.database(), Write{Write::Verb::update, "people", {statement}, {}}});
    });
    runner.scripts.on("-" + name, [name](Env& env) {
      Document statement;
      statement.add("q", Document().add("_id", name)).add("limit", 1);
      env.apply({env.database(), Write{Write::Verb::remove, "people", {statement}, {}}});
    });
  }
}

using Verb = std::function<RunReport(Project&)>;

struct Faulted {
  Fault fault;
  std::size_t n;
};

// Runs the verb with one fault, then, a lease later, again without. Gives false where the run was over before its n-th
// command.
class FaultTest : public testing::Test {
 protected:
  struct Ended {
    bool reached = false;         // the fault happened
    bool in_bookkeeping = false;  // it hit a command of ours, not of the code
    bool in_code = false;         // it hit one of the code's, or of what is written down and asked before one
    std::string name;             // the command that was lost
    std::string collection;
  };

  static Ended run_twice(World& world, Runner& me, const Verb& verb, Faulted faulted) {
    Ended ended;
    world.server.forget_sent();
    world.server.fail_command(faulted.n, faulted.fault);
    try {
      verb(me.project);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::unreachable) << error.what();
    }
    ended.reached = !world.server.fault_is_still_to_come();
    if (!ended.reached) return ended;
    const auto& lost = world.server.sent()[faulted.n - 1];
    ended.name = lost.name;
    ended.collection = lost.collection;
    ended.in_code = lost.collection == "people" || lost.name == "listCollections" ||
                    lost.command.json().find("\"attempt.operations.") != std::string::npos;
    ended.in_bookkeeping = lost.collection.starts_with("treering_") || lost.collection == "_db_version";
    // It was given back at once, so that nobody waits for it; where the reply to taking it was lost, nobody can.
    if (ended.name != "findAndModify" && world.state_document()) {
      EXPECT_TRUE(world.lease_is_free());
    }
    world.server.advance(seconds(31));
    const RunReport second = verb(me.project);
    EXPECT_EQ(second.failure, nullptr);
    return ended;
  }

  static std::size_t times(const std::vector<std::string>& runs, const std::string& run) {
    return static_cast<std::size_t>(std::ranges::count(runs, run));
  }

  // The journal: each revision done exactly once, whatever else happened to it.
  static void expect_done_once(World& world, const std::string& direction) {
    const auto lines = world.journal();
    for (const char* id : {"r1", "a2", "b2", "r3"}) EXPECT_EQ(times(lines, direction + " " + id + " done"), 1U) << id;
  }
};

TEST_F(FaultTest, AnUpgradeEndsWhereAnUndisturbedOneDoes) {
  const Verb verb = [](Project& project) { return upgrade(project, "head"); };
  World calm;
  Runner calm_runner(calm.server, calm.files, "here");
  small_history(calm, calm_runner);
  verb(calm_runner.project);

  for (const Fault fault : {Fault::request_lost, Fault::reply_lost}) {
    bool reached = true;
    for (std::size_t n = 1; reached; ++n) {
      SCOPED_TRACE(testing::Message() << (fault == Fault::request_lost ? "request " : "reply ") << n << " lost");
      World world;
      Runner me(world.server, world.files, "here");
      small_history(world, me);
      const Ended ended = run_twice(world, me, verb, {fault, n});
      reached = ended.reached;
      if (!reached) break;
      EXPECT_EQ(world.disagreement(), "");
      EXPECT_EQ(world.recorded(), calm.recorded());
      EXPECT_EQ(world.state().applied, calm.state().applied);
      EXPECT_EQ(world.server.documents("app", "people"), calm.server.documents("app", "people"));
      EXPECT_TRUE(world.lease_is_free());
      expect_done_once(world, "upgrade");

      // Code runs again only where nobody could know that it had ended: a command of its own was lost, or the request
      // that should have recorded it. A record that was written whose reply was lost, and everything after it, is found
      // by the next run.
      std::size_t again = 0;
      for (const char* id : {"r1", "a2", "b2", "r3"}) again += times(me.scripts.started(), std::string("+") + id) - 1;
      const bool unknowable = ended.in_code || (ended.collection == kRevisionsCollection && ended.name != "find" &&
                                                fault == Fault::request_lost);
      EXPECT_EQ(again, unknowable ? 1U : 0U) << ended.name << " " << ended.collection;
      for (const char* id : {"r1", "a2", "b2", "r3"}) EXPECT_GE(times(me.scripts.ended(), std::string("+") + id), 1U);
    }
  }
}

TEST_F(FaultTest, ADowngradeEndsWhereAnUndisturbedOneDoes) {
  const Verb verb = [](Project& project) { return downgrade(project, "base"); };
  for (const Fault fault : {Fault::request_lost, Fault::reply_lost}) {
    bool reached = true;
    for (std::size_t n = 1; reached; ++n) {
      SCOPED_TRACE(testing::Message() << (fault == Fault::request_lost ? "request " : "reply ") << n << " lost");
      World world;
      Runner me(world.server, world.files, "here");
      small_history(world, me);
      upgrade(me.project, "head");
      me.scripts.forget_runs();
      const Ended ended = run_twice(world, me, verb, {fault, n});
      reached = ended.reached;
      if (!reached) break;
      EXPECT_EQ(world.disagreement(), "");
      EXPECT_THAT(world.recorded(), testing::IsEmpty());
      EXPECT_EQ(world.state().applied, AppliedState{});
      EXPECT_THAT(world.server.documents("app", "people"), testing::IsEmpty());
      EXPECT_TRUE(world.lease_is_free());
      expect_done_once(world, "downgrade");
      std::size_t again = 0;
      for (const char* id : {"r1", "a2", "b2", "r3"}) again += times(me.scripts.started(), std::string("-") + id) - 1;
      const bool unknowable = ended.in_code || (ended.collection == kRevisionsCollection && ended.name != "find" &&
                                                fault == Fault::request_lost);
      EXPECT_EQ(again, unknowable ? 1U : 0U) << ended.name << " " << ended.collection;
    }
  }
}

TEST_F(FaultTest, AStampEndsWhereAnUndisturbedOneDoes) {
  for (const bool purge : {false, true}) {
    for (const char* target : {"b2", "base", "r3"}) {
      const Verb verb = [&](Project& project) { return stamp(project, {target}, purge); };
      World calm;
      Runner calm_runner(calm.server, calm.files, "here");
      small_history(calm, calm_runner);
      upgrade(calm_runner.project, "a2");
      verb(calm_runner.project);
      for (const Fault fault : {Fault::request_lost, Fault::reply_lost}) {
        bool reached = true;
        for (std::size_t n = 1; reached; ++n) {
          SCOPED_TRACE(testing::Message()
                       << target << (fault == Fault::request_lost ? ": request " : ": reply ") << n << " lost");
          World world;
          Runner me(world.server, world.files, "here");
          small_history(world, me);
          upgrade(me.project, "a2");
          const Ended ended = run_twice(world, me, verb, {fault, n});
          reached = ended.reached;
          if (!reached) break;
          EXPECT_EQ(world.disagreement(), "");
          EXPECT_EQ(world.recorded(), calm.recorded());
          EXPECT_EQ(world.state().applied, calm.state().applied);
        }
      }
    }
  }
}

TEST_F(FaultTest, AnAdoptionEndsWhereAnUndisturbedOneDoes) {
  const auto with_foreign = [](World& world) {
    auto connection = world.server.connect();
    connection->command("app", Document::from_json(R"({"insert": "_db_version", "documents": [
        {"_id": 1, "version_num": "r1", "applied_at": {"$date": "2024-01-01T00:00:00Z"}},
        {"_id": 2, "version_num": "lost", "applied_at": {"$date": "2024-01-02T00:00:00Z"}}]})"));
  };
  const Verb upgrading = [](Project& project) { return upgrade(project, "head"); };
  const Verb stamping = [](Project& project) { return stamp(project, {"a2"}, false); };
  for (const Verb& verb : {upgrading, stamping}) {
    World calm;
    Runner calm_runner(calm.server, calm.files, "here");
    small_history(calm, calm_runner);
    with_foreign(calm);
    verb(calm_runner.project);
    const auto foreign = calm.server.documents("app", "_db_version");
    for (const Fault fault : {Fault::request_lost, Fault::reply_lost}) {
      bool reached = true;
      for (std::size_t n = 1; reached; ++n) {
        SCOPED_TRACE(testing::Message() << (fault == Fault::request_lost ? "request " : "reply ") << n << " lost");
        World world;
        Runner me(world.server, world.files, "here");
        small_history(world, me);
        with_foreign(world);
        reached = run_twice(world, me, verb, {fault, n}).reached;
        if (!reached) break;
        EXPECT_EQ(world.recorded(), calm.recorded());
        EXPECT_EQ(world.state().applied, calm.state().applied);
        EXPECT_FALSE(world.state().attempt.has_value());
        EXPECT_EQ(world.record("lost")->string("how"), "adopted");
        EXPECT_EQ(world.record("r1")->date("applied_at"), calm.record("r1")->date("applied_at"));
        EXPECT_EQ(world.server.documents("app", "_db_version"), foreign);
        EXPECT_EQ(times(me.scripts.started(), "+r1"), 0U);
      }
    }
  }
}

// With faults one after the other, each run dying at another command, the work still gets done.
TEST_F(FaultTest, ManyFaultsInARowEndWellToo) {
  for (std::size_t start = 1; start <= 5; ++start) {
    World world;
    Runner me(world.server, world.files, "here");
    small_history(world, me);
    for (std::size_t round = 0; round < 12; ++round) {
      world.server.fail_command(start + round, round % 2 == 0 ? Fault::reply_lost : Fault::request_lost);
      try {
        upgrade(me.project, "head");
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::unreachable);
      }
      world.server.advance(seconds(31));
    }
    world.server.fail_command(1000, Fault::request_lost);
    EXPECT_EQ(upgrade(me.project, "head").failure, nullptr);
    EXPECT_EQ(world.disagreement(), "");
    EXPECT_THAT(world.recorded(), ElementsAre("a2", "b2", "r1", "r3"));
    EXPECT_THAT(world.state().applied.heads, ElementsAre("r3"));
    expect_done_once(world, "upgrade");
  }
}

}  // namespace
}  // namespace treering
