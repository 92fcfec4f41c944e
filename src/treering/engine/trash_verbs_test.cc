// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/trash_verbs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/engine_world.h"
#include "treering/engine/migrate.h"

namespace treering {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TrashVerbsTest : public testing::Test, public World {
 protected:
  void SetUp() override {
    line(2);
    me.scripts.on("+r1", [](Env& env) {
      inserts("users", "ann")(env);
      env.drop_collection("users");
    });
    me.scripts.on("+r2", [](Env& env) {
      inserts("users", "bob")(env);
      env.drop_collection("users");
    });
    upgrade(me.project, "r1");
    pass(hours(48), {&me, &other});
    upgrade(me.project, "r2");
  }
  std::vector<std::string> users() {
    std::vector<std::string> ids;
    for (const Document& user : server.documents("app", "users")) ids.push_back(user.string("_id").value());
    return ids;
  }

  Runner me{server, files, "here"};
  Runner other{server, files, "there"};
};

TEST_F(TrashVerbsTest, ListsWhatWhenAndByWhom) {
  const auto held = trash(me.project);
  ASSERT_THAT(held, SizeIs(2));
  EXPECT_EQ(held[0].what.collection, "users");
  EXPECT_EQ(held[0].what.revision, "r2");
  EXPECT_EQ(held[0].documents, 1);
  EXPECT_EQ(held[1].what.revision, "r1");
  EXPECT_EQ(held[0].what.dropped_ms - held[1].what.dropped_ms, 48 * 3600000);
}

TEST_F(TrashVerbsTest, RestoresTheNewestOfAName) {
  EXPECT_EQ(restore(me.project, "users", "").revision, "r2");
  EXPECT_THAT(users(), ElementsAre("bob"));
  EXPECT_THAT(trash(me.project), SizeIs(1));
  EXPECT_TRUE(lease_is_free());
  EXPECT_EQ(disagreement(), "");
}

TEST_F(TrashVerbsTest, RestoresAnOlderOneByItsNameInTheTrash) {
  restore(me.project, trash(me.project)[1].what.name, "former");
  EXPECT_EQ(server.documents("app", "former").size(), 1U);
  EXPECT_THAT(users(), IsEmpty());
}

TEST_F(TrashVerbsTest, NeverRestoresOverWhatIsThere) {
  restore(me.project, "users", "");
  const Error error = caught([&] { restore(me.project, "users", ""); });
  EXPECT_EQ(error.kind(), Kind::usage);
  EXPECT_THAT(error.hint(), HasSubstr("--as"));
  EXPECT_THAT(users(), ElementsAre("bob"));
  EXPECT_TRUE(lease_is_free());
}

// A name that is too long for the trash is kept by its start and a checksum.
TEST_F(TrashVerbsTest, RestoresALongNameWhereItIsKnown) {
  const std::string name(240, 'n');
  file("r3", {"r2"});
  me.scripts.on("+r3", [&](Env& env) {
    inserts(name, "ann")(env);
    env.drop_collection(name);
  });
  pass(seconds(1), {&me, &other});
  upgrade(me.project, "head");
  const Trashed held = trash(me.project).front().what;
  for (const std::string& asked : {held.name, held.collection}) {
    const Error error = caught([&] { restore(me.project, asked, ""); });
    EXPECT_EQ(error.kind(), Kind::usage);
    EXPECT_THAT(error.hint(), HasSubstr("--as"));
  }
  EXPECT_EQ(caught([&] { restore(me.project, std::string(239, 'n'), ""); }).kind(), Kind::usage) << "another name";
  EXPECT_EQ(restore(me.project, name, "").collection, name);
  EXPECT_EQ(server.documents("app", name).size(), 1U);
}

TEST_F(TrashVerbsTest, KnowsWhichNamesWereShortened) {
  const auto whole = [](const std::string& collection) {
    const Trashed dropped{"", collection, 1733832000000, "20241210120000", Direction::upgrade};
    return whole_name(*trashed_from(trash_name(std::string(63, 'd'), dropped, 1)));
  };
  std::string umlauts;
  for (int i = 0; i < 95; ++i) umlauts += "\xc3\xbc";
  EXPECT_EQ(whole(umlauts), std::nullopt);
  EXPECT_EQ(whole("n" + umlauts), std::nullopt) << "cut before half a character";
  EXPECT_EQ(whole(std::string(190, 'n')), std::nullopt);
  for (const std::string& name : {std::string("users"), std::string(140, 'n'), std::string("ends~with~"),
                                  "backup~" + std::string(32, '0'), std::string(80, 'n') + "~0123"})
    EXPECT_EQ(whole(name), name);
}

TEST_F(TrashVerbsTest, RefusesWhatItDoesNotHoldAndNamesThatAreOurs) {
  EXPECT_THAT(caught([&] { restore(me.project, "user", ""); }).hint(), HasSubstr("did you mean users?"));
  EXPECT_EQ(caught([&] { restore(me.project, "users", "treering_state"); }).kind(), Kind::usage);
  EXPECT_EQ(caught([&] { restore(me.project, "users", "system.users"); }).kind(), Kind::usage);
}

TEST_F(TrashVerbsTest, EmptiesByAge) {
  const auto old = older_than(trash(me.project), hours(24), me.clock.now_ms());
  ASSERT_THAT(old, SizeIs(1));
  EXPECT_THAT(empty_trash(me.project, old), SizeIs(1));
  const auto left = trash(me.project);
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].what.revision, "r2");
  EXPECT_THAT(empty_trash(me.project, old), IsEmpty()) << "it is gone already";
}

TEST_F(TrashVerbsTest, WaitsForTheLock) {
  const auto connection = server.connect();
  Store(*connection, "app").take_lease(other.project.settings.me, seconds(30), {});
  EXPECT_EQ(caught([&] { restore(me.project, "users", ""); }).kind(), Kind::locked);
  EXPECT_EQ(caught([&] { empty_trash(me.project, trash(me.project)); }).kind(), Kind::locked);
  EXPECT_THAT(trash(me.project), SizeIs(2));
}

TEST_F(TrashVerbsTest, RefuseWhereTheStateIsLost) {
  const auto held = trash(me.project);
  const Document all = Document().add("q", Document()).add("limit", 0);
  server.connect()->command(
      "app", Document().add("delete", kStateCollection).add_array("deletes", std::vector<Document>{all}));
  for (const auto& verb : std::vector<std::function<void()>>{[&] { restore(me.project, "users", ""); },
                                                             [&] { empty_trash(me.project, held); }})
    EXPECT_THAT(caught(verb).what(), HasSubstr("the state document is gone"));
  EXPECT_THAT(trash(me.project), SizeIs(2));
  EXPECT_FALSE(state_document().has_value());
}

// A runner that dropped "users" again and died before its revision was recorded.
class OpenAttemptTest : public TrashVerbsTest {
 protected:
  void SetUp() override {
    TrashVerbsTest::SetUp();
    file("r3", {"r2"});
    restore(me.project, "users", "");
    other.scripts.on("+r3", [](Env& env) { env.drop_collection("users"); });
    bool dead = false;
    server.before_command([&](const MemoryServer::Sent& sent) {
      if (!dead && sent.collection != kRevisionsCollection) return;
      dead = dead || sent.name != "find";
      if (dead) throw Killed{};
    });
    EXPECT_THROW(upgrade(other.project, "head"), Killed);
    server.before_command({});
    pass(seconds(31), {&me, &other});
    ASSERT_TRUE(state().attempt.has_value());
  }
};

// What a dead runner had dropped comes back before anybody else takes it out.
TEST_F(OpenAttemptTest, IsSettledBeforeARestore) {
  restore(me.project, "users", "copy");
  EXPECT_THAT(users(), ElementsAre("bob")) << "undone";
  EXPECT_EQ(server.documents("app", "copy").size(), 1U) << "the one that r1 dropped";
  EXPECT_EQ(disagreement(), "");
}

TEST_F(OpenAttemptTest, IsSettledBeforeTheTrashIsEmptiedAndKeepsWhatItGaveBack) {
  const auto shown = trash(me.project);
  const auto dropped = empty_trash(me.project, shown);
  EXPECT_THAT(users(), ElementsAre("bob"));
  EXPECT_EQ(dropped.size(), shown.size() - 1) << "what came back isn't told as dropped";
  EXPECT_THAT(trash(me.project), IsEmpty());
  EXPECT_EQ(disagreement(), "");
}

TEST_F(OpenAttemptTest, IsSettledAlsoWhereNothingIsToBeDropped) {
  EXPECT_THAT(empty_trash(me.project, {}), IsEmpty());
  EXPECT_THAT(users(), ElementsAre("bob"));
  EXPECT_EQ(disagreement(), "");
}

}  // namespace
}  // namespace treering
