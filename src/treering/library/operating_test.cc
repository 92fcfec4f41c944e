// SPDX-License-Identifier: Apache-2.0
// What a C++ program does when something went wrong: the lock, the trash, the doctor; and that none of it shows a
// password.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "managed_project.h"
#include "treering/engine/cursor.h"
#include "treering/engine/state.h"
#include "treering/engine/transaction_rules.h"

namespace treering {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OperatingTest : public ManagedProject {
 protected:
  // Nobody listens on its port.
  MigrationManager without_server() {
    return MigrationManager({.config = root_, .url = "mongodb://127.0.0.1:1/shop?serverSelectionTimeoutMS=100"});
  }

  // A revision that drops a collection with two documents.
  void drop_users() {
    const std::string id = add("drop users");
    scripts_.on("+" + id, [](Env& env) {
      Write insert{Write::Verb::insert, "users", {Document().add("_id", 1), Document().add("_id", 2)}, {}};
      env.apply({env.database(), insert});
      env.drop_collection("users");
    });
    manager().upgrade();
  }
};

// A run that stays in the middle of its revision until it is let go, or told to stop.
class HeldRun {
 public:
  HeldRun(MigrationManager manager, ScriptedScripts& scripts, const std::string& revision) {
    scripts.on("+" + revision, [this](Env& env) {
      env.create_collection("half");
      begun_ = true;
      begun_.notify_all();
      go_on_.wait(false);
      env.create_collection("whole");
    });
    thread_ = std::jthread([this, manager]() mutable {
      try {
        manager.upgrade();
      } catch (const Error& error) {
        failure_ = error.kind();
      }
    });
    begun_.wait(false);
  }
  ~HeldRun() { end(); }
  HeldRun(const HeldRun&) = delete;
  HeldRun& operator=(const HeldRun&) = delete;

  // How it failed; nothing where it went well.
  std::optional<Kind> end() {
    go_on_ = true;
    go_on_.notify_all();
    if (thread_.joinable()) thread_.join();
    return failure_;
  }

 private:
  std::atomic<bool> begun_{false};
  std::atomic<bool> go_on_{false};
  std::optional<Kind> failure_;
  std::jthread thread_;
};

TEST_F(OperatingTest, UnlocksForWhoComesNext) {
  EXPECT_FALSE(manager().lock_holder()) << "never migrated";
  EXPECT_FALSE(manager().unlock());
  const std::string id = add("wallet");
  ScriptedScripts others;
  HeldRun held(manager_with(others), others, id);
  const auto holder = manager().lock_holder();
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->lease.doing, "upgrading " + id);
  EXPECT_EQ(holder->lease.holder.pid, getpid());

  const auto taken_from = manager().unlock();
  ASSERT_TRUE(taken_from);
  EXPECT_EQ(taken_from->lease.holder.run, holder->lease.holder.run);
  EXPECT_FALSE(manager().lock_holder());
  EXPECT_FALSE(manager().unlock()) << "nobody holds it any more";
  EXPECT_EQ(manager().upgrade().done.size(), 1U);
  EXPECT_EQ(held.end(), Kind::lease_lost);
  EXPECT_THAT(manager().current().heads, ElementsAre(id));
  const auto connection = mongo_server({.url = test_server_url()})->connect();
  EXPECT_FALSE(has_collection(*connection, database_, "whole")) << "it ran on";
  EXPECT_THAT(manager().log().back().undone, ElementsAre("create collection half"));
}

TEST_F(OperatingTest, WhileSomebodyIsAtWorkTheTrashIsOnlyShown) {
  drop_users();
  const std::string id = add("wallet");
  HeldRun held(manager(), scripts_, id);
  EXPECT_EQ(manager().trash().size(), 1U);
  for (const Error& error : {caught([&] { manager().restore("users"); }),
                             caught([&] { manager().empty_trash(std::chrono::milliseconds(0)); })}) {
    EXPECT_EQ(error.kind(), Kind::locked);
    EXPECT_EQ(error.field("pid"), std::to_string(getpid()));
    EXPECT_EQ(error.field("doing"), "upgrading " + id);
  }
  EXPECT_FALSE(held.end());
  EXPECT_EQ(manager().trash().size(), 1U);
}

TEST_F(OperatingTest, BringsBackWhatWasDropped) {
  EXPECT_THAT(manager().trash(), IsEmpty());
  drop_users();
  const auto held = manager().trash();
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held.front().what.collection, "users");
  EXPECT_EQ(held.front().documents, 2);

  const Error unknown = caught([&] { manager().restore("user"); });
  EXPECT_EQ(unknown.kind(), Kind::usage);
  EXPECT_THAT(unknown.hint(), HasSubstr("did you mean users?"));
  EXPECT_EQ(caught([&] { manager().restore("users", "treering_state"); }).kind(), Kind::usage);

  EXPECT_EQ(manager().restore("users").name, held.front().what.name);
  auto connection = mongo_server({.url = test_server_url()})->connect();
  EXPECT_EQ(connection->command(database_, Document().add("count", "users")).integer("n"), 2);
  EXPECT_THAT(manager().trash(), IsEmpty());
}

TEST_F(OperatingTest, RestoresBesideACollectionOfTheName) {
  drop_users();
  auto connection = mongo_server({.url = test_server_url()})->connect();
  connection->command(database_, Document().add("create", "users"));
  const Error error = caught([&] { manager().restore("users"); });
  EXPECT_EQ(error.kind(), Kind::usage);
  EXPECT_EQ(error.field("collection"), "users");
  manager().restore(manager().trash().front().what.name, "users_before");
  EXPECT_EQ(connection->command(database_, Document().add("count", "users_before")).integer("n"), 2);
  EXPECT_EQ(connection->command(database_, Document().add("count", "users")).integer("n"), 0);
}

TEST_F(OperatingTest, EmptiesTheTrashByAge) {
  drop_users();
  EXPECT_THAT(manager().empty_trash(std::chrono::hours(1)), IsEmpty());
  ASSERT_EQ(manager().trash().size(), 1U);
  const auto dropped = manager().empty_trash(std::chrono::milliseconds(0));
  ASSERT_EQ(dropped.size(), 1U);
  EXPECT_EQ(dropped.front().what.collection, "users");
  EXPECT_EQ(dropped.front().documents, 2);
  EXPECT_THAT(manager().trash(), IsEmpty());
  EXPECT_THAT(manager().empty_trash(std::chrono::milliseconds(0)), IsEmpty());
}

class Notes : public Observer {
 public:
  void note(const std::string& line) override { text += line + "\n"; }
  void step_started(const std::string&, const std::string& message, Direction) override { note(message); }
  void step_finished(const StepReport&) override {}
  std::string text;
};

std::string everything(Connection& connection, const std::string& database) {
  std::string text;
  for (const char* name : {kStateCollection, kRevisionsCollection, kJournalCollection})
    for (const Document& document : read_cursor(connection, database, Document().add("find", name)))
      text += document.json() + "\n";
  return text;
}

TEST_F(OperatingTest, NothingThatComesOutHoldsThePassword) {
  TempFolder data;
  const std::string password = "hunter2-and-more";
  {
    const OwnServer open(data.path());
    Document user = Document().add("createUser", "ada").add("pwd", password);
    user.add_array("roles", std::vector<Document>{Document().add("role", "root").add("db", "admin")});
    mongo_server({.url = open.url()})->connect()->command("admin", user);
  }
  const OwnServer guarded(data.path(), {"--auth"});
  const auto url_with = [&](const std::string& given) {
    return "mongodb://ada:" + given + "@127.0.0.1:" + guarded.port() + "/shop?authSource=admin";
  };
  Notes notes;
  const auto signed_in = [&](const std::string& given) {
    return MigrationManager(
        {.config = root_, .url = url_with(given), .database = "shop", .scripts = &scripts_, .observer = &notes});
  };
  const std::string id = add("wallet");
  const std::string second = add("fails");
  scripts_.on("+" + second, [](Env& env) {
    env.create_collection("half");
    env.apply({env.database(), RenameCollection{"nowhere", "somewhere"}});
  });
  std::string shown = everything(caught([&] { signed_in(password).upgrade(); }));
  EXPECT_THAT(shown, HasSubstr("nowhere")) << "the failure of the revision";
  shown += everything(caught([&] { signed_in(password + "x").upgrade(); }));
  shown += everything(caught([&] { signed_in(password + "x").unlock(); }));
  for (const Diagnosis& one : signed_in(password + "x").doctor()) shown += one.what + one.mend;
  for (const Diagnosis& one : signed_in(password).doctor()) shown += one.what + one.mend;
  for (const LogEntry& entry : signed_in(password).log()) shown += entry.error;
  const auto connection = mongo_server({.url = url_with(password)})->connect();
  const std::string kept = everything(*connection, "shop");
  EXPECT_THAT(kept, testing::AllOf(HasSubstr(id), HasSubstr("create collection half")));
  EXPECT_THAT(shown + notes.text + kept, testing::Not(HasSubstr(password)));
}

std::vector<std::string> subjects_of(const std::vector<Diagnosis>& diagnoses, Health health) {
  std::vector<std::string> subjects;
  for (const Diagnosis& one : diagnoses)
    if (one.health == health) subjects.push_back(one.subject);
  return subjects;
}

TEST_F(OperatingTest, DoctorTellsWhatIsWrongAndThrowsNothing) {
  const std::string id = add("wallet");
  manager().upgrade();
  EXPECT_THAT(subjects_of(manager().doctor(), Health::problem), IsEmpty());
  EXPECT_THAT(subjects_of(without_server().doctor(), Health::problem), ElementsAre("server"));
  std::ofstream(root_ + "/migrations/versions/" + id + "_again.py") << "revision = " << id;
  EXPECT_THAT(subjects_of(manager().doctor(), Health::problem), testing::Contains("files"));
}

TEST_F(OperatingTest, WithoutAServerEachCallSaysWhichDoesNotAnswer) {
  MigrationManager lost = without_server();
  for (const auto& call :
       std::vector<std::function<void()>>{[&] { lost.lock_holder(); }, [&] { lost.unlock(); }, [&] { lost.trash(); },
                                          [&] { lost.restore("users"); }, [&] { lost.empty_trash({}); }}) {
    const Error error = caught(call);
    EXPECT_EQ(error.kind(), Kind::unreachable);
    EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:1"));
  }
}

}  // namespace
}  // namespace treering
