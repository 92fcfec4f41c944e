// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/engine_world.h"
#include "treering/engine/migrate.h"
#include "treering/engine/permissions.h"

namespace treering {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::HasSubstr;

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
  other.scripts.on("+r1", [](Env&) { throw Killed{}; });
  server.before_command({});
  try {
    upgrade(other.project, "head");
  } catch (const Killed&) {
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

TEST_F(DoctorTest, RecordsAndStateThatDisagreeAreAProblem) {
  line(2);
  upgrade(me.project, "head");
  const auto connection = server.connect();
  Store(*connection, "app").delete_records({"r2"});
  EXPECT_THAT(about("records"), HasSubstr("problem: treering_state counts 2 applied revisions"));
  EXPECT_TRUE(any_problem(look()));
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
