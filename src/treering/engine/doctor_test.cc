// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/engine_world.h"
#include "treering/engine/bookkeeping_check.h"
#include "treering/engine/dry_run.h"
#include "treering/engine/inspect.h"
#include "treering/engine/migrate.h"
#include "treering/engine/permissions.h"

namespace treering {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class DoctorTest : public testing::Test, public World {
 protected:
  std::vector<Diagnosis> look() { return doctor(me.project, {"/shop/treering.toml", {"migrations/versions"}}); }
  // Everything it says of one subject: "warning: ... (...)", a line each.
  std::string about(const std::string& subject) {
    std::string text;
    for (const Diagnosis& one : look())
      if (one.subject == subject)
        text += std::string(to_string(one.health)) + ": " + one.what + " (" + one.mend + ")\n";
    return text;
  }

  Runner me{server, files, "here"};
  Runner other{server, files, "there"};
};

TEST_F(DoctorTest, AFreshDatabaseIsHealthyAndStaysUntouched) {
  line(2);
  const auto found = look();
  for (const Diagnosis& one : found) EXPECT_EQ(one.health, Health::ok) << one.subject << ": " << one.what;
  EXPECT_FALSE(any_problem(found));
  EXPECT_EQ(bookkeeping_writes(), 0U);
  EXPECT_FALSE(state_document().has_value());
}

TEST_F(DoctorTest, AnAppliedProjectIsHealthy) {
  line(2);
  upgrade(me.project, "head");
  server.forget_sent();
  for (const Diagnosis& one : look()) EXPECT_EQ(one.health, Health::ok) << one.subject << ": " << one.what;
  EXPECT_EQ(bookkeeping_writes(), 0U);
}

TEST_F(DoctorTest, BrokenFilesAreAProblemAndTheRestIsLookedAt) {
  file("r1", {"gone"});
  EXPECT_THAT(about("files"), HasSubstr("problem: "));
  EXPECT_THAT(about("server"), HasSubstr("ok: "));
}

TEST_F(DoctorTest, WithoutAServerThereIsOneProblem) {
  line(1);
  server.fail_command(1, Fault::request_lost);
  const auto found = look();
  EXPECT_TRUE(any_problem(found));
  EXPECT_EQ(found.back().subject, "server");
}

TEST_F(DoctorTest, AStandaloneServerIsAWarning) {
  server.stand_alone();
  EXPECT_THAT(about("server"), HasSubstr("warning: it stands alone"));
}

TEST_F(DoctorTest, SaysWhoHoldsTheLock) {
  const auto connection = server.connect();
  Store(*connection, "app").take_lease(other.project.settings.me, seconds(30), {});
  EXPECT_THAT(about("lock"), HasSubstr("warning: held by there (pid 100"));
  EXPECT_THAT(about("lock"), HasSubstr("treering unlock"));
  server.advance(seconds(31));
  EXPECT_THAT(about("lock"), HasSubstr("ok: free"));
}

TEST_F(DoctorTest, FindsTheAttemptOfADeadRunner) {
  line(1);
  other.scripts.on("+r1", [](Env&) { throw KilledInCode{}; });
  server.before_command({});
  try {
    upgrade(other.project, "head");
  } catch (const KilledInCode&) {
  }
  server.advance(seconds(31));
  EXPECT_THAT(about("attempt"), HasSubstr("warning: the upgrade of r1 by there (pid 100) was cut off"));
}

TEST_F(DoctorTest, FindsAppliedRevisionsWithoutAFileAndEditedOnes) {
  line(3);
  upgrade(me.project, "head");
  files.write(paths.at("r1"), files.read(paths.at("r1")) + "x = 1\n");
  remove_file("r3");
  EXPECT_THAT(about("records"), HasSubstr("warning: r3 is applied, and no file has it"));
  EXPECT_THAT(about("checksums"), HasSubstr("r1.py was edited after it was applied"));
}

TEST_F(DoctorTest, FindsAGapInTheFilesAndLooksOn) {
  line(3);
  upgrade(me.project, "head");
  remove_file("r2");
  EXPECT_THAT(about("files"), HasSubstr("problem: "));
  EXPECT_THAT(about("records"), HasSubstr("warning: r2 is applied, and no file has it"));
  EXPECT_THAT(about("checksums"), HasSubstr("ok: "));
}

TEST_F(DoctorTest, FindsWhatAFailedAttemptLeft) {
  line(1);
  me.project.settings.trash = false;
  me.scripts.on("+r1", [](Env& env) {
    env.create_collection("old");
    env.drop_collection("old");
    throw Error(Kind::migration_failed, "boom");
  });
  upgrade(me.project, "head");
  EXPECT_THAT(about("attempt"), HasSubstr("warning: the upgrade of r1 failed and left in place: drop collection old"));
  stamp(me.project, {"r1"}, false);
  EXPECT_THAT(about("attempt"), Not(HasSubstr("left in place")));
}

TEST_F(DoctorTest, RecordsAndStateThatDisagreeAreAProblem) {
  line(2);
  upgrade(me.project, "head");
  const auto connection = server.connect();
  Store(*connection, "app").delete_records({"r2"});
  EXPECT_THAT(about("records"), HasSubstr("problem: treering_state counts 2 applied revisions"));
  EXPECT_TRUE(any_problem(look()));
}

// Every record that one can lose, or have too many, of a line of three at r2, and of a database at base.
TEST_F(DoctorTest, TheStampThatItNamesMendsTheRecords) {
  line(3);
  const auto connection = server.connect();
  Store store(*connection, "app");
  for (const std::vector<std::string>& lost : std::vector<std::vector<std::string>>{{"r1"}, {"r2"}, {"r1", "r2"}}) {
    stamp(me.project, {"r2"}, true);
    store.delete_records(lost);
    EXPECT_THAT(about("records"), HasSubstr("where it is at r2: treering stamp r2)"));
    stamp(me.project, {"r2"}, false);
    EXPECT_EQ(about("records"), "ok: 2 applied, and each has its file ()\n");
    EXPECT_EQ(disagreement(), "");
  }
  for (const std::string at : {"r2", "base"}) {
    stamp(me.project, {at}, true);
    RevisionRecord stray;
    stray.revision.id = "r3";
    stray.how = "upgrade";
    store.write_records({stray}, me.project.settings.me);
    EXPECT_THAT(about("records"), HasSubstr("treering stamp " + at + ""));
    stamp(me.project, {at}, false);
    EXPECT_FALSE(any_problem(look()));
    EXPECT_EQ(disagreement(), "");
  }
}

TEST_F(DoctorTest, TheStampThatItNamesMendsRecordsOfRevisionsWithoutAFile) {
  line(2);
  upgrade(me.project, "head");
  remove_file("r2");
  const auto connection = server.connect();
  Store(*connection, "app").delete_records({"r1"});
  EXPECT_THAT(about("records"), HasSubstr("where it is at r2: treering stamp r2)"));
  stamp(me.project, {"r2"}, false);
  EXPECT_FALSE(any_problem(look()));
  EXPECT_EQ(recorded(), (std::vector<std::string>{"r1", "r2"}));

  Store(*connection, "app").delete_records({"r2"});
  EXPECT_THAT(about("records"), HasSubstr("where it is at r1: treering stamp r1)"));
  stamp(me.project, {"r1"}, false);
  EXPECT_FALSE(any_problem(look()));
}

TEST_F(DoctorTest, AStateThatIsGoneIsAProblemUntilItIsStamped) {
  line(3);
  upgrade(me.project, "r2");
  const auto connection = server.connect();
  for (const auto& lose : std::vector<Document>{Document(), Document()
                                                                .add("_id", "state")
                                                                .add("format", 1)
                                                                .add("epoch", std::int64_t{9})
                                                                .add("lease", Document().add("expires", Date{0}))}) {
    const Document all = Document().add("q", Document()).add("limit", 0);
    connection->command("app", Document().add("delete", kStateCollection).add_array("deletes", std::vector{all}));
    if (!lose.empty())
      connection->command("app", Document().add("insert", kStateCollection).add_array("documents", std::vector{lose}));
    EXPECT_THAT(about("records"), HasSubstr("problem: treering_state doesn't say what is applied, and "
                                            "treering_revisions has 2 records: the state document is gone"));
    EXPECT_THAT(about("records"), HasSubstr("treering stamp r2)"));
    server.forget_sent();
    for (const auto& verb :
         std::vector<std::function<void()>>{[&] { upgrade(me.project, "head"); }, [&] { downgrade(me.project, "-1"); },
                                            [&] { dry_run(me.project, Direction::upgrade, "head"); },
                                            [&] { current(me.project); }, [&] { history(me.project, "", true); }})
      EXPECT_THAT(std::string(caught(verb).what()), HasSubstr("the state document is gone"));
    EXPECT_EQ(bookkeeping_writes(), 0U);
    const auto before = journal();
    stamp(me.project, {"r2"}, false);
    EXPECT_EQ(journal().size(), before.size() + 1) << "no entry takes the place of an earlier one";
    EXPECT_FALSE(any_problem(look()));
    EXPECT_EQ(disagreement(), "");
    EXPECT_EQ(state().applied.heads, std::vector<std::string>{"r2"});
  }
}

TEST_F(DoctorTest, DamagedRecordsAndEntriesAreFindingsAndTheRestIsLookedAt) {
  line(3);
  upgrade(me.project, "head");
  remove_file("r3");
  const auto connection = server.connect();
  const auto damage = [&](const char* collection, const Document& query, const Document& fields) {
    const Document update = Document().add("q", query).add("u", Document().add("$set", fields)).add("multi", true);
    connection->command("app", Document().add("update", collection).add_array("updates", std::vector{update}));
  };
  damage(kRevisionsCollection, Document().add("_id", "r1"), Document().add("parents", 5));
  damage(kRevisionsCollection, Document().add("_id", "r2"), Document().add("parents", "r1"));
  damage(kJournalCollection, Document().add("revision", "r2"), Document().add("started", "yesterday"));
  for (const char* id : {"r1", "r2"})
    EXPECT_THAT(about("records"), HasSubstr("problem: treering_revisions: \"parents\" of the document \"" +
                                            std::string(id) + "\" is not a list of texts (mend that field"));
  EXPECT_THAT(about("records"), HasSubstr("warning: r3 is applied, and no file has it"));
  EXPECT_THAT(about("journal"), HasSubstr("warning: treering_journal: \"started\" of the document"));
  EXPECT_THAT(about("trash"), HasSubstr("ok: "));
  EXPECT_EQ(log(me.project, 0).size(), 2U);
  EXPECT_THAT(me.heard.notes, Contains(HasSubstr("left out: treering_journal: \"started\"")));

  Store(*connection, "app").delete_records({"r1", "r2"});
  EXPECT_THAT(about("records"), HasSubstr("treering stamp r3)"));
  stamp(me.project, {"r3"}, false);
  EXPECT_FALSE(any_problem(look()));
  EXPECT_EQ(recorded(), (std::vector<std::string>{"r1", "r2", "r3"}));
}

TEST_F(DoctorTest, ReadsTheRecordsOnce) {
  line(2);
  upgrade(me.project, "head");
  remove_file("r2");  // so that the records have to say what is applied
  server.forget_sent();
  examine_records(*server.connect(), "app", load_graph(files), read_lease(*server.connect(), "app"));
  EXPECT_EQ(sent("find", kRevisionsCollection), 1U);
}

TEST_F(DoctorTest, FindsPartsOfJournalsThatNobodyNeeds) {
  line(1);
  upgrade(me.project, "head");
  const auto connection = server.connect();
  Store(*connection, "app").write_down(0, Document().add("fences", 1), JournalChunk{"run", 1, 1, {}});
  EXPECT_THAT(about("journal"), HasSubstr("warning: 1 part of a journal in treering_state"));
}

TEST_F(DoctorTest, TellsOfAnOldTrash) {
  line(1);
  me.scripts.on("+r1", [](Env& env) {
    inserts("users", "ann")(env);
    env.drop_collection("users");
  });
  upgrade(me.project, "head");
  EXPECT_THAT(about("trash"), HasSubstr("ok: 1 dropped collection, "));
  pass(hours(24 * 31), {&me});
  EXPECT_THAT(about("trash"), HasSubstr("warning: 1 dropped collection, "));
}

// A server that answers some commands in a way of the test's own.
class AnsweringConnection : public MemoryConnection {
 public:
  AnsweringConnection(MemoryServer& server, Document status) : MemoryConnection(server), status_(std::move(status)) {}
  Document command(const std::string&, const Document&) override { return status_; }

 private:
  Document status_;
};

Diagnosis permissions_of(MemoryServer& server, const std::string& resource, const std::string& actions) {
  AnsweringConnection connection(
      server, Document::from_json(R"({"authInfo": {"authenticatedUsers": [{"user": "ann", "db": "admin"}],
          "authenticatedUserPrivileges": [{"resource": )" +
                                  resource + R"(, "actions": [)" + actions + "]}]}}"));
  return examine_permissions(connection, "app").front();
}

TEST(ExaminePermissions, NamesWhatTheUserLacks) {
  MemoryServer server;
  const Diagnosis reader = permissions_of(server, R"({"db": "app", "collection": ""})", R"("find", "listCollections")");
  EXPECT_EQ(reader.health, Health::problem);
  EXPECT_EQ(reader.what, "ann may not insert, update, remove on the whole of app");
  const Diagnosis elsewhere =
      permissions_of(server, R"({"db": "other", "collection": ""})", R"("find", "insert", "update", "remove")");
  EXPECT_THAT(elsewhere.what, HasSubstr("may not find, insert"));
}

TEST(ExaminePermissions, AServerThatTellsNoPrivilegesIsNoProblem) {
  MemoryServer server;
  AnsweringConnection connection(server, Document::from_json(
                                             R"({"authInfo": {"authenticatedUsers": [{"user": "ann", "db": "admin"}],
          "authenticatedUserPrivileges": []}})"));
  EXPECT_EQ(examine_permissions(connection, "app").front().health, Health::ok);
}

TEST(ExaminePermissions, EveryDatabaseIsThisOneToo) {
  MemoryServer server;
  const std::string all =
      R"("find", "insert", "update", "remove", "listCollections", "createCollection", "dropCollection",
         "renameCollectionSameDB", "createIndex", "dropIndex", "listIndexes", "collMod")";
  EXPECT_EQ(permissions_of(server, R"({"db": "", "collection": ""})", all).health, Health::ok);
  EXPECT_EQ(permissions_of(server, R"({"anyResource": true})", all).health, Health::ok);
  EXPECT_EQ(permissions_of(server, R"({"db": "app", "collection": "users"})", all).health, Health::problem);
}

}  // namespace
}  // namespace treering
