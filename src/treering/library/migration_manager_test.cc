// SPDX-License-Identifier: Apache-2.0
// The C++ face on a real server and real files, with revisions whose code is C++.
#include "treering/library/migration_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "fake/scripted_scripts.h"
#include "test_server.h"
#include "treering/mongo/mongo_server.h"

namespace treering {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class MigrationManagerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(root_ + "/migrations/versions");
    static int databases = 0;
    database_ = "manager_" + std::to_string(getpid()) + "_" + std::to_string(databases++);
    std::ofstream(root_ + "/treering.toml")
        << "url = \"" << test_server_url() << "\"\ndatabase = \"" << database_ << "\"\n";
  }
  void TearDown() override {
    mongo_server({.url = test_server_url()})->connect()->command(database_, Document().add("dropDatabase", 1));
  }

  MigrationManager manager() { return manager_with(scripts_); }
  MigrationManager manager_with(Scripts& scripts) { return MigrationManager({.config = root_, .scripts = &scripts}); }

  std::string add(const std::string& message) { return manager().revision(message).revision.id; }

  TempFolder folder_;
  std::string root_ = folder_ / "project";
  std::string database_;
  ScriptedScripts scripts_;
};

TEST_F(MigrationManagerTest, AppliesShowsAndReverts) {
  const std::string first = add("add wallet");
  const std::string second = add("add loyalty");
  scripts_.on("+" + first, [](Env& env) { env.create_collection("wallet"); });
  scripts_.on("-" + first, [](Env& env) { env.drop_collection("wallet"); });

  RunReport up = manager().upgrade();
  ASSERT_EQ(up.done.size(), 2U);
  EXPECT_THAT(up.done.front().schema, ElementsAre("create collection wallet"));
  EXPECT_THAT(up.heads, ElementsAre(second));
  EXPECT_TRUE(manager().current().at_head);
  EXPECT_THAT(manager().upgrade().done, IsEmpty());

  EXPECT_THAT(manager().downgrade().heads, ElementsAre(first));
  const auto history = manager().history();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history.front().revision.message, "add loyalty");
  EXPECT_EQ(history.front().applied, false);
  EXPECT_TRUE(history.back().current);
  EXPECT_EQ(manager().show("head").front().revision.id, second);
  EXPECT_EQ(manager().heads().size(), 1U);
  EXPECT_EQ(manager().log().size(), 3U);
  EXPECT_THAT(manager().downgrade("base").heads, IsEmpty());
}

TEST_F(MigrationManagerTest, ThrowsWhatARevisionThrewWithAllThatWasDone) {
  const std::string first = add("well");
  const std::string second = add("badly");
  scripts_.on("+" + second, [](Env&) { throw Error(Kind::migration_failed, "no such thing"); });
  try {
    manager().upgrade();
    FAIL() << "the failure was swallowed";
  } catch (const RunFailed& failed) {
    EXPECT_STREQ(failed.what(), "no such thing");
    EXPECT_EQ(failed.report().done.front().revision, first);
    EXPECT_EQ(failed.report().failed->revision, second);
  }
  EXPECT_THAT(manager().current().heads, ElementsAre(first));
}

TEST_F(MigrationManagerTest, TwoThreadsBehaveLikeTwoProcesses) {
  std::ofstream(root_ + "/treering.toml", std::ios::app) << "lock_timeout = 60\n";
  std::atomic<int> runs{0};
  ScriptedScripts others;
  for (const char* message : {"one", "two", "three"}) {
    const std::string id = add(message);
    for (ScriptedScripts* scripts : {&scripts_, &others}) scripts->on("+" + id, [&](Env&) { ++runs; });
  }
  {
    std::jthread other([&] { manager_with(others).upgrade(); });
    manager().upgrade();
  }
  EXPECT_EQ(runs, 3);
}

TEST_F(MigrationManagerTest, BackfillsWithCodeOfItsOwn) {
  auto connection = mongo_server({.url = test_server_url()})->connect();
  std::vector<Document> users;
  for (int number = 0; number < 250; ++number) users.push_back(Document().add("_id", number).add("n", 0));
  connection->command(database_, Document().add("insert", "users").add_array("documents", users));
  const std::string id = add("count");
  scripts_.on("+" + id, [](Env& env) {
    BackfillRequest request;
    request.collection = "users";
    request.batch = 20;
    request.workers = 3;
    request.code = [](const Document& user) -> std::optional<Document> {
      if (*user.integer("_id") % 2 == 0) return std::nullopt;
      return Document().add("u", Document().add("$inc", Document().add("n", 1)));
    };
    const BackfillReport report = env.backfill(request);
    EXPECT_EQ(report.found, 250);
    EXPECT_EQ(report.changed, 125);
  });
  EXPECT_EQ(manager().upgrade().done.front().written.at("users"), 125);
  const Document changed = Document().add("count", "users").add("query", Document().add("n", 1));
  EXPECT_EQ(connection->command(database_, changed).integer("n"), 125);
  const Document noted = Document().add("count", "treering_backfills");
  EXPECT_EQ(connection->command(database_, noted).integer("n"), 0);
}

TEST_F(MigrationManagerTest, GeneratesChecksAndComparesModelsOfItsOwn) {
  std::ofstream(root_ + "/treering.toml", std::ios::app) << "models = \"shop.models\"\n";
  const auto model = [](const char* indexes) {
    return Document::from_json(std::string(R"({"class": "User", "file": "models.h", "line": 3, "name": "users",
                                               "indexes": [)") +
                               indexes + "]}");
  };
  scripts_.say_models({model(R"({"line": 4, "spec": {"key": {"email": 1}}})")});
  EXPECT_TRUE(manager().check().differs());

  EXPECT_FALSE(manager().autogenerate("users", {}, Generate::show).created);
  const Autogenerated made = manager().autogenerate("users");
  ASSERT_TRUE(made.created);
  EXPECT_THAT(read_text(root_ + "/" + made.created->revision.path), HasSubstr("create_index(\"email\")"));
  EXPECT_THAT(scripts_.modules(), ElementsAre("shop.models"));
  scripts_.on("+" + made.created->revision.id, [](Env& env) {
    env.create_collection("users");
    const Document index = Document().add("key", Document().add("email", 1)).add("name", "email_1");
    env.apply({env.database(), CreateIndexes{"users", {index}, {}}});
  });
  EXPECT_THAT(manager().check().pending, ElementsAre(made.created->revision.id));
  manager().upgrade();
  EXPECT_FALSE(manager().check().differs());
  EXPECT_FALSE(manager().autogenerate("again").created);
  EXPECT_THAT(manager().diff("models", "live"), IsEmpty());

  scripts_.say_models({model("")});
  EXPECT_TRUE(manager().check(true).differs());
  const auto differences = manager().diff("head", "models");
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(name_of(differences.front()), "index users.email_1");
  EXPECT_THROW(manager().diff("head", "heads"), Error);
}

TEST_F(MigrationManagerTest, WritesABaselineOfWhatIsThere) {
  auto connection = mongo_server({.url = test_server_url()})->connect();
  connection->command(database_, Document().add("create", "orders"));
  const BaselineReport report = manager().baseline({.models = "models.py"});
  EXPECT_EQ(report.collections, 1U);
  EXPECT_THAT(read_text(root_ + "/models.py"), HasSubstr("__collection_name__ = \"orders\""));
  EXPECT_THAT(manager().current().heads, ElementsAre(report.created.revision.id));
  EXPECT_TRUE(manager().current().at_head);
  EXPECT_THROW(manager().baseline({.models = "models.py"}), Error);
}

TEST_F(MigrationManagerTest, SaysWhereThereIsNoProject) {
  MigrationManager lost({.config = folder_.path()});
  try {
    lost.current();
    FAIL() << "there is no configuration";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::config);
    EXPECT_THAT(error.hint(), HasSubstr("treering init"));
  }
}

}  // namespace
}  // namespace treering
