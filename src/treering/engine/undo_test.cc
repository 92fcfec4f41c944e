// SPDX-License-Identifier: Apache-2.0
// What a revision that fails, or whose runner dies, did to collections and indexes is undone; nothing that was there
// before is lost, and what can't be undone is named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "fake/engine_world.h"
#include "treering/base/error.h"
#include "treering/engine/migrate.h"
#include "treering/engine/trash.h"

namespace treering {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Document index(const char* name, const char* field, bool unique = false) {
  Document specification = Document().add("key", Document().add(field, 1)).add("name", name);
  if (unique) specification.add("unique", true);
  return specification;
}

void create(Env& env, const std::string& name) { env.create_collection(name); }
void create_index(Env& env, const std::string& collection, const Document& specification) {
  env.apply({env.database(), CreateIndexes{collection, {specification}, {}}});
}
void drop_index(Env& env, const std::string& collection, const char* name) {
  env.apply({env.database(), DropIndexes{collection, Document().add("index", name), {}}});
}
void rename(Env& env, const std::string& from, const std::string& to, bool over = false) {
  env.apply({env.database(), RenameCollection{from, to, over}});
}
void insert(Env& env, const std::string& collection, const std::string& id) { inserts(collection, id)(env); }
[[noreturn]] void fail() { throw Error(Kind::migration_failed, "boom"); }

class UndoTest : public testing::Test, public World {
 protected:
  // A database with something in it: users (two documents, an index), old (one document).
  void SetUp() override {
    file("r0", {});
    file("r1", {"r0"});
    me.scripts.on("+r0", [](Env& env) {
      create(env, "users");
      create_index(env, "users", index("email_1", "email"));
      insert(env, "users", "ann");
      insert(env, "users", "bob");
      create(env, "old");
      insert(env, "old", "ancient");
    });
    upgrade(me.project, "r0");
    server.forget_sent();
  }

  std::int64_t chunks() {
    const auto connection = server.connect();
    return Store(*connection, "app").count_chunks();
  }

  // Names, indexes and documents of what isn't Treering's own.
  std::map<std::string, std::string> contents(bool with_trash = false) {
    std::map<std::string, std::string> result;
    const auto connection = server.connect();
    for (const Document& one :
         connection->command("app", Document().add("listCollections", 1)).documents("cursor.firstBatch")) {
      const std::string name = *one.string("name");
      const bool trash = name.starts_with(kTrashPrefix);
      if (trash ? !with_trash : is_internal_collection(name)) continue;
      std::string text;
      for (const Document& listed :
           connection->command("app", Document().add("listIndexes", name)).documents("cursor.firstBatch"))
        text += *listed.string("name") + " ";
      for (const Document& document : server.documents("app", name)) text += document.json();
      result[trash ? "trash of " + trashed_from(name)->collection : name] = text;
    }
    return result;
  }

  RunReport fails(const ScriptedScripts::Code& code) {
    me.scripts.on("+r1", code);
    return upgrade(me.project, "head");
  }

  // `other` upgrades and dies in front of the command that the hook asks for; a lease later nobody holds it.
  void dies_at(const std::function<bool(const MemoryServer::Sent&)>& at, const ScriptedScripts::Code& code) {
    bool dead = false;
    server.before_command([&](const MemoryServer::Sent& sent) {
      dead = dead || at(sent);
      if (dead) throw Killed{};
    });
    other.scripts.on("+r1", code);
    EXPECT_THROW(upgrade(other.project, "head"), Killed);
    server.before_command({});
    pass(seconds(31), {&me, &other});
  }

  Runner me{server, files, "here"};
  Runner other{server, files, "there"};
};

TEST_F(UndoTest, WhatAFailedRevisionDidIsUndoneNewestFirst) {
  const auto before = contents(true);
  const RunReport report = fails([](Env& env) {
    create(env, "wallet");
    create_index(env, "wallet", index("uid_1", "uid"));
    create_index(env, "users", index("name_1", "name"));
    drop_index(env, "users", "email_1");
    rename(env, "old", "older");
    fail();
  });
  EXPECT_EQ(contents(true), before);
  EXPECT_THAT(report.failed->undone,
              ElementsAre("rename collection old to older", "drop index users.email_1", "create index users.name_1",
                          "create index wallet.uid_1", "create collection wallet"));
  EXPECT_THAT(report.failed->schema, IsEmpty());
  EXPECT_THAT(journal(), Contains("upgrade r1 failed"));
  EXPECT_EQ(disagreement(), "");
}

TEST_F(UndoTest, DroppedCollectionsComeBackWithDocumentsAndIndexes) {
  const auto before = contents(true);
  const RunReport report = fails([](Env& env) {
    EXPECT_TRUE(env.drop_collection("users"));
    EXPECT_FALSE(env.has_collection("app", "users"));
    create(env, "users");
    create_index(env, "users", index("other_1", "other"));
    rename(env, "old", "users", true);
    fail();
  });
  EXPECT_EQ(contents(true), before);
  EXPECT_THAT(report.failed->undone, Contains("drop collection users"));
}

TEST_F(UndoTest, WithoutTheTrashWhatWasRenamedOverAnotherComesBackAlone) {
  me.project.settings.trash = false;
  const auto old = contents()["old"];
  const RunReport report = fails([](Env& env) {
    rename(env, "old", "users", true);
    fail();
  });
  EXPECT_THAT(contents(), ElementsAre(testing::Pair("old", old)));
  EXPECT_THAT(report.failed->undone, ElementsAre("rename collection old to users"));
  EXPECT_THAT(report.failed->schema, ElementsAre("drop users, which was under that name before"));
}

TEST_F(UndoTest, WithoutTheTrashARenameThatWasNeverSentLeavesNothing) {
  me.project.settings.trash = other.project.settings.trash = false;
  const auto before = contents();
  dies_at([](const MemoryServer::Sent& sent) { return sent.name == "renameCollection"; },
          [](Env& env) { rename(env, "old", "users", true); });
  me.scripts.on("+r1", raises("no"));
  upgrade(me.project, "head");
  EXPECT_EQ(contents(), before);
  EXPECT_THAT(me.heard.notes, ElementsAre(HasSubstr("was cut off: documents that it wrote stay as they are")));
}

TEST_F(UndoTest, ACollectionThatAWriteMadeCountsAsCreated) {
  const RunReport report = fails([](Env& env) {
    insert(env, "wallet", "w1");
    insert(env, "users", "eve");
    fail();
  });
  EXPECT_FALSE(contents(true).contains("wallet"));
  EXPECT_THAT(contents()["users"], HasSubstr("eve"));  // data stays, and is told
  EXPECT_THAT(report.failed->written, ElementsAre(testing::Pair("users", 1)));
  EXPECT_THAT(report.failed->undone, ElementsAre("create collection wallet"));
}

// Documents that somebody else put there meanwhile aren't ours to destroy.
TEST_F(UndoTest, ACreatedCollectionWithOthersDocumentsGoesIntoTheTrash) {
  const RunReport run = fails([this](Env& env) {
    insert(env, "wallet", "w1");
    server.connect()->command(
        "app", Document().add("insert", "wallet").add_array("documents", std::vector<Document>{Document()}));
    fail();
  });
  const auto after = contents(true);
  EXPECT_FALSE(after.contains("wallet"));
  EXPECT_TRUE(after.contains("trash of wallet"));
  EXPECT_THAT(run.failed->undone, ElementsAre("create collection wallet (it is in the trash, with 2 documents)"));
}

TEST_F(UndoTest, WritesToTheSameNameInAnotherDatabaseAreOthers) {
  server.connect()->command("other", Document().add("create", "wallet"));
  const RunReport run = fails([this](Env& env) {
    insert(env, "wallet", "w1");
    env.apply({"other", Write{Write::Verb::insert, "wallet", {Document().add("_id", "o1")}, {}}});
    server.connect()->command(
        "app", Document().add("insert", "wallet").add_array("documents", std::vector<Document>{Document()}));
    fail();
  });
  EXPECT_TRUE(contents(true).contains("trash of wallet")) << "one of its two documents is somebody else's";
  EXPECT_THAT(run.failed->written, ElementsAre(testing::Pair("other.wallet", 1)));
}

TEST_F(UndoTest, WhatTheServerRefusedIsNotUndone) {
  me.scripts.on("+r1", [this](Env& env) {
    // Somebody else is faster, after we looked.
    server.before_command([this, faster = false](const MemoryServer::Sent& sent) mutable {
      if (faster || sent.name != "create") return;
      faster = true;
      server.connect()->command("app", Document().add("create", "wallet").add("capped", true).add("size", 4096));
    });
    env.apply({"app", CreateCollection{"wallet", {}}});
  });
  const RunReport report = upgrade(me.project, "head");
  EXPECT_EQ(report.failure->kind(), Kind::server);
  EXPECT_TRUE(contents(true).contains("wallet"));
  EXPECT_THAT(report.failed->undone, IsEmpty());
}

TEST_F(UndoTest, WhatCannotBeUndoneIsNamed) {
  me.project.settings.trash = false;
  const RunReport report = fails([](Env& env) {
    create_index(env, "users", index("name_1", "name"));
    env.drop_collection("old");
    fail();
  });
  EXPECT_THAT(report.failed->schema, ElementsAre("drop collection old"));
  EXPECT_THAT(report.failed->undone, ElementsAre("create index users.name_1"));
  EXPECT_FALSE(contents(true).contains("old"));
}

// A unique index that can't come back doesn't keep the rest from being undone.
TEST_F(UndoTest, AStepThatIsRefusedDoesNotEndTheUndoing) {
  me.scripts.on("+r1", [](Env& env) { create_index(env, "users", index("nick_1", "nick", true)); });
  upgrade(me.project, "head");
  file("r2", {"r1"});
  me.scripts.on("+r2", [](Env& env) {
    create(env, "wallet");
    drop_index(env, "users", "nick_1");
    env.apply(
        {"app", Write{Write::Verb::insert, "users", {Document().add("_id", "cid"), Document().add("_id", "dan")}, {}}});
    fail();
  });
  // ann and bob have no nick either, which a unique index counts as equal; so they go first.
  server.connect()->command(
      "app", Document()
                 .add("delete", "users")
                 .add_array("deletes", std::vector<Document>{Document().add("q", Document()).add("limit", 0)}));
  const RunReport report = upgrade(me.project, "head");
  ASSERT_EQ(report.failed->schema.size(), 1U);
  EXPECT_THAT(report.failed->schema.front(),
              HasSubstr("drop index users.nick_1 (create index users.nick_1 was refused"));
  EXPECT_THAT(report.failed->undone, ElementsAre("create collection wallet"));
}

TEST_F(UndoTest, WhatIsOnAnotherDatabaseIsToldWithItsName) {
  const RunReport report = fails([](Env& env) {
    env.apply({"archive", CreateCollection{"users", {}}});
    create(env, "users2");
    fail();
  });
  EXPECT_THAT(report.failed->undone, ElementsAre("create collection users2", "create collection users in archive"));
}

TEST_F(UndoTest, WhatATransactionOfTheCodeItselfCommittedIsNamed) {
  const RunReport report = fails([](Env& env) {
    const SessionNumber session = env.start_session();
    env.begin_transaction(session, {});
    env.apply({"app", CreateCollection{"kept", {}}}, session);
    env.commit_transaction(session);
    env.begin_transaction(session, {});
    env.apply({"app", CreateCollection{"given_up", {}}}, session);
    env.abort_transaction(session);
    env.apply({"app", CreateCollection{"undone", {}}}, session);
    fail();
  });
  EXPECT_THAT(report.failed->undone, ElementsAre("create collection undone"));
  EXPECT_THAT(report.failed->schema, ElementsAre("create collection kept"));
  EXPECT_TRUE(contents().contains("kept"));
}

TEST_F(UndoTest, CtrlCUndoesToo) {
  const auto before = contents(true);
  const RunReport report = fails([this](Env& env) {
    create(env, "wallet");
    me.clock.interrupt(2);
    create(env, "another");
  });
  EXPECT_EQ(report.failure->kind(), Kind::interrupted);
  EXPECT_EQ(contents(true), before);
  EXPECT_THAT(report.failed->undone, ElementsAre("create collection wallet"));
  EXPECT_TRUE(lease_is_free());
}

// The server is gone for good: what nobody could undo is for whoever comes next.
TEST_F(UndoTest, WhatCouldNotBeUndoneAtOnceIsLeftOpen) {
  const auto before = contents(true);
  me.scripts.on("+r1", [this](Env& env) {
    create(env, "wallet");
    server.before_command([](const MemoryServer::Sent&) { throw Error(Kind::unreachable, "no server"); });
    create(env, "another");
  });
  const RunReport report = upgrade(me.project, "head");
  EXPECT_EQ(report.failure->field("left_open"), "the next command that writes undoes it");
  EXPECT_THAT(report.failed->schema, ElementsAre("create collection wallet"));
  server.before_command({});
  pass(seconds(31), {&me, &other});
  upgrade(other.project, "head");
  EXPECT_EQ(contents(true), before);
}

// A write that takes them away comes late: those of whoever works by now stay.
TEST_F(UndoTest, OnlyItsOwnChunksGo) {
  const auto connection = server.connect();
  Store store(*connection, "app");
  store.write_down(0, {}, JournalChunk{"mine", 1, 1, {}});
  store.write_down(0, {}, JournalChunk{"theirs", 1, 1, {}});
  store.delete_chunks("mine");
  EXPECT_EQ(store.count_chunks(), 1);
  EXPECT_EQ(server.documents("app", kStateCollection).back().string("_id.run"), "theirs");
}

TEST_F(UndoTest, ADeadRunnersAttemptIsUndoneByTheNext) {
  const auto before = contents(true);
  dies_at([](const auto& sent) { return sent.name == "insert" && sent.collection == "users"; },
          [](Env& env) {
            create_index(env, "users", index("name_1", "name"));
            env.drop_collection("old");
            create(env, "wallet");
            insert(env, "users", "eve");
          });
  me.scripts.on("+r1", [](Env&) { fail(); });
  upgrade(me.project, "head");
  EXPECT_EQ(contents(true), before);
  EXPECT_THAT(me.heard.notes, Contains(HasSubstr("was cut off: undone: create collection wallet, drop collection old, "
                                                 "create index users.name_1; documents that it wrote stay")));
  EXPECT_THAT(journal(), Contains("upgrade r1 undone"));
  EXPECT_EQ(disagreement(), "");
}

// It died before its last rename, having brought back what was to give way to that: what has the name now isn't what
// it renamed.
TEST_F(UndoTest, WhatCameBackUnderANameIsNotTakenForWhatWasToGetIt) {
  const auto before = contents(true);
  dies_at([](const auto& sent) { return sent.command.string("renameCollection") == "app.wallet"; },
          [](Env& env) {
            create(env, "wallet");
            rename(env, "wallet", "old", true);
          });
  for (const std::string& name : server.collections("app"))
    if (name.starts_with(kTrashPrefix))
      server.connect()->command("admin", Document().add("renameCollection", "app." + name).add("to", "app.old"));
  me.scripts.on("+r1", [](Env&) { fail(); });
  upgrade(me.project, "head");
  EXPECT_EQ(contents(true), before);
  EXPECT_THAT(me.heard.notes, Contains(HasSubstr("undone: create collection wallet")));
  EXPECT_THAT(me.heard.notes, Not(Contains(HasSubstr("left in place"))));
}

// Its last entry is in the journal though it wasn't told so, and never sent; then it undoes the one before, and isn't
// told that either.
TEST_F(UndoTest, WhatWasNeverSentIsStruckBeforeWhatIsOlderIsUndone) {
  const auto before = contents(true);
  server.before_command([&](const MemoryServer::Sent& sent) {
    const bool writes_down =
        sent.collection == kStateCollection && sent.command.json().find("drop_indexes") != std::string::npos;
    const bool renames_back = sent.command.string("renameCollection") == "app.people";
    if (writes_down || renames_back) server.fail_command(1, Fault::reply_lost);
  });
  other.scripts.on("+r1", [](Env& env) {
    rename(env, "users", "people");
    drop_index(env, "people", "email_1");
  });
  EXPECT_EQ(upgrade(other.project, "head").failure->kind(), Kind::unreachable);
  server.before_command({});
  pass(seconds(31), {&me, &other});
  me.scripts.on("+r1", [](Env&) { fail(); });
  upgrade(me.project, "head");
  EXPECT_EQ(contents(true), before);
}

TEST_F(UndoTest, AnIndexDoesNotBringBackACollectionThatSomebodyTookAway) {
  dies_at([](const auto& sent) { return sent.name == "dropIndexes"; },
          [](Env& env) { drop_index(env, "users", "email_1"); });
  server.connect()->command("app", Document().add("drop", "users"));
  me.scripts.on("+r1", [](Env&) { fail(); });
  upgrade(me.project, "head");
  EXPECT_EQ(server.collection("app", "users"), nullptr);
}

// Nobody else will ever name it.
TEST_F(UndoTest, WhatCouldNotBeUndoneIsToldThoughWhoUndidItDied) {
  bool dead = false;
  server.before_command([&](const MemoryServer::Sent& sent) {
    dead = dead || sent.name == "dropIndexes";
    if (dead) throw Killed{};
  });
  other.scripts.on("+r1", [](Env& env) {
    create_index(env, "users", index("name_1", "name"));
    env.drop_collection("old", Drops::for_good);
    fail();
  });
  EXPECT_THROW(upgrade(other.project, "head"), Killed);
  server.before_command({});
  pass(seconds(31), {&me, &other});
  me.scripts.on("+r1", [](Env&) {});
  upgrade(me.project, "head");
  EXPECT_THAT(me.heard.notes, Contains(HasSubstr("undone: create index users.name_1; left in place: drop collection "
                                                 "old; documents that it wrote stay")));
  std::vector<std::string> left;
  for (const Document& entry : server.documents("app", kJournalCollection))
    for (const std::string& text : entry.strings("left")) left.push_back(text);
  EXPECT_THAT(left, ElementsAre("drop collection old"));
}

// The runner dies before, or after, each command of its attempt; and so does the one that undoes it.
TEST_F(UndoTest, AtWhateverCommandTheyDie) {
  const auto before = contents(true);
  const ScriptedScripts::Code code = [](Env& env) {
    rename(env, "old", "older");
    create(env, "old");
    create_index(env, "old", index("a_1", "a"));
    drop_index(env, "users", "email_1");
    env.drop_collection("users");
    create(env, "users");
    rename(env, "older", "users", true);
  };
  for (std::size_t n = 1;; ++n) {
    for (std::size_t m = 1;; ++m) {
      std::size_t sent = 0;
      bool died = false;
      const auto dies_after = [&](std::size_t limit) {
        sent = 0;
        died = false;
        server.before_command([&, limit](const MemoryServer::Sent&) {
          if (died || ++sent > limit) {
            died = true;
            throw Killed{};
          }
        });
      };
      other.scripts.on("+r1", code);
      dies_after(n);
      try {
        upgrade(other.project, "head");
      } catch (const Killed&) {
      }
      ASSERT_TRUE(died);
      if (recorded().size() == 2) {  // the code had ended: from here on the attempt is completed, not undone
        EXPECT_GT(n, 20U);
        server.before_command({});
        const auto after = contents(true);
        pass(seconds(31), {&me, &other});
        me.scripts.forget_runs();
        upgrade(me.project, "head");
        EXPECT_THAT(me.scripts.started(), IsEmpty());
        EXPECT_EQ(contents(true), after);
        EXPECT_EQ(disagreement(), "");
        return;
      }
      pass(seconds(31), {&me, &other});
      me.scripts.on("+r1", [](Env&) { fail(); });
      dies_after(m);
      try {
        upgrade(me.project, "head");
      } catch (const Killed&) {
      }
      const bool second_died = died;
      server.before_command({});
      pass(seconds(31), {&me, &other});
      upgrade(me.project, "head");
      ASSERT_EQ(contents(true), before) << "first died after " << n << " commands, second after " << m;
      ASSERT_EQ(disagreement(), "");
      // Thousands of entries would have to be read by the next ones.
      server.connect()->command("app", Document().add("drop", kJournalCollection));
      if (!second_died) break;
    }
  }
}

TEST_F(UndoTest, ADowngradeBringsBackWhatTheUpgradeDropped) {
  const auto before = contents(true);
  me.scripts.on("+r1", [](Env& env) { env.drop_collection("users"); });
  me.scripts.on("-r1", [](Env& env) {
    EXPECT_TRUE(env.create_collection("users"));
    create_index(env, "users", index("email_1", "email"));
  });
  upgrade(me.project, "head");
  EXPECT_FALSE(contents().contains("users"));
  downgrade(me.project, "-1");
  EXPECT_EQ(contents(true), before);
}

// What an attempt made that was undone is rubbish, though it has the name that the downgrade asks for.
TEST_F(UndoTest, ADowngradeDoesNotBringBackWhatAnUndoneAttemptMade) {
  dies_at([](const MemoryServer::Sent& sent) { return sent.name == "insert" && sent.collection == "last"; },
          [](Env& env) {
            create(env, "copy");
            insert(env, "copy", "half");
            insert(env, "last", "never");
          });
  me.scripts.on("+r1", [](Env&) {});
  me.scripts.on("-r1", [](Env& env) { create(env, "copy"); });
  ASSERT_EQ(upgrade(me.project, "head").failure, nullptr);
  EXPECT_TRUE(contents(true).contains("trash of copy"));
  ASSERT_EQ(downgrade(me.project, "-1").failure, nullptr);
  EXPECT_EQ(server.documents("app", "copy").size(), 0U);
  EXPECT_TRUE(contents(true).contains("trash of copy"));
}

TEST_F(UndoTest, ANameThatIsTooLongForTheTrashIsShortened) {
  const std::string name = std::string(79, 'n') + "\u00e9" + std::string(160, 'n');
  me.scripts.on("+r0", [](Env&) {});
  server.connect()->command(
      "app",
      Document().add("insert", name).add_array("documents", std::vector<Document>{Document().add("_id", "ann")}));
  const auto before = contents(true);
  me.scripts.on("+r1", [&](Env& env) { env.drop_collection(name); });
  me.scripts.on("-r1", [&](Env& env) { env.create_collection(name); });
  upgrade(me.project, "head");
  EXPECT_FALSE(contents().contains(name));
  EXPECT_TRUE(contents(true).contains("trash of " + std::string(79, 'n') + "~" + checksum_of(name).substr(5)));
  downgrade(me.project, "-1");
  EXPECT_EQ(contents(true), before);
}

TEST_F(UndoTest, ADowngradeTellsWhatItCouldNotBringBack) {
  me.scripts.on("+r1", [](Env& env) {
    env.drop_collection("old");
    env.drop_collection("users");
  });
  me.scripts.on("-r1", [](Env& env) {
    create(env, "old");
    create(env, "users");
  });
  upgrade(me.project, "head");
  const auto connection = server.connect();
  for (const Trashed& trashed : list_trash(*connection, "app"))
    if (trashed.collection == "old") connection->command("app", Document().add("drop", trashed.name));
  downgrade(me.project, "-1");
  EXPECT_THAT(me.heard.notes, ElementsAre("the downgrade of r1 made old empty: nothing of it is in the trash"));
  EXPECT_THAT(contents()["users"], HasSubstr("ann"));
}

// Nobody but the revision itself brings it back.
TEST_F(UndoTest, AnUpgradeDoesNotBringBackWhatAnotherDropped) {
  me.scripts.on("+r1", [](Env& env) { env.drop_collection("users"); });
  file("r2", {"r1"});
  me.scripts.on("+r2", [](Env& env) { create(env, "users"); });
  upgrade(me.project, "head");
  EXPECT_THAT(contents()["users"], testing::Not(HasSubstr("ann")));
  EXPECT_THAT(contents(true)["trash of users"], HasSubstr("ann"));
}

TEST_F(UndoTest, ALongJournalIsUndoneWhole) {
  const auto before = contents(true);
  const auto code = [](Env& env) {
    for (int i = 0; i < 350; ++i) create(env, "c" + std::to_string(i));
    insert(env, "users", "eve");
  };
  dies_at([](const auto& sent) { return sent.name == "insert" && sent.collection == "users"; }, code);
  EXPECT_EQ(chunks(), 13);  // of 25 each
  me.scripts.on("+r1", [](Env&) { fail(); });
  upgrade(me.project, "head");
  EXPECT_EQ(contents(true), before);
  EXPECT_EQ(chunks(), 0);
  me.scripts.on("+r1", [&](Env& env) {
    code(env);
    fail();
  });
  const RunReport report = upgrade(me.project, "head");
  EXPECT_EQ(report.failed->undone.size(), 350U);
  EXPECT_EQ(chunks(), 0);
}

// At most one round trip more for each schema operation, and three of bookkeeping for a revision.
TEST_F(UndoTest, TheJournalCostsOneRoundTripForEachOperation) {
  constexpr std::size_t kOperations = 200;
  me.scripts.on("+r1", [](Env& env) {
    for (std::size_t i = 0; i < kOperations; ++i) env.apply({"app", CreateCollection{"c" + std::to_string(i), {}}});
  });
  server.forget_sent();
  upgrade(me.project, "head");
  const std::size_t all = server.sent().size();
  file("r2", {"r1"});
  server.forget_sent();
  upgrade(me.project, "head");
  const std::size_t without = server.sent().size();
  // The fourth collection has all of them listed: until then each was asked for.
  EXPECT_LE(all - without, 2 * kOperations + 4 + 1);
}

TEST_F(UndoTest, WhoTakesTheLeaseShutsTheOldRunnerOut) {
  me.scripts.on("+r1", [this](Env& env) {
    insert(env, "users", "early");
    // Stopped between its check of the lease and the sending, for longer than the lease.
    server.before_command([this, paused = false](const MemoryServer::Sent& sent) mutable {
      if (paused || sent.collection != "users") return;
      paused = true;
      server.advance(seconds(31));
      other.clock.advance(seconds(31));
      other.scripts.on("+r1", [](Env& theirs) { insert(theirs, "users", "other"); });
      upgrade(other.project, "head");
    });
    insert(env, "users", "late");
  });
  const RunReport report = upgrade(me.project, "head");
  EXPECT_EQ(report.failure->kind(), Kind::lease_lost) << report.failure->what();
  EXPECT_THAT(contents()["users"], HasSubstr("other"));
  EXPECT_THAT(contents()["users"], testing::Not(HasSubstr("late")));
  EXPECT_THAT(recorded(), ElementsAre("r0", "r1"));
  EXPECT_EQ(disagreement(), "");
}

}  // namespace
}  // namespace treering
