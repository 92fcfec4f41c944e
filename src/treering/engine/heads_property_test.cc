// SPDX-License-Identifier: Apache-2.0
// Over random histories and random commands: what the state document says is what the records say, after every step.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "fake/engine_world.h"
#include "treering/base/error.h"
#include "treering/engine/migrate.h"

namespace treering {
namespace {

std::string id_of(int number) { return "r" + std::to_string(number); }

// Parents and dependencies of revision `number` among those before it.
void add_random_file(World& world, int number) {
  enum class Link { none, parent, dependency };
  std::vector<std::string> parents;
  std::vector<std::string> depends_on;
  for (int other = 0; other < number; ++other) {
    const Link link = *rc::gen::weightedElement<Link>({{4, Link::none}, {3, Link::parent}, {1, Link::dependency}});
    if (link == Link::parent) parents.push_back(id_of(other));
    if (link == Link::dependency) depends_on.push_back(id_of(other));
  }
  world.file(id_of(number), parents, depends_on);
}

struct Command {
  enum class Verb { upgrade, downgrade, stamp, purge, failing_upgrade };
  Verb verb;
  std::string target;
};

Command random_command(int count) {
  const auto verb = *rc::gen::element(Command::Verb::upgrade, Command::Verb::downgrade, Command::Verb::stamp,
                                      Command::Verb::purge, Command::Verb::failing_upgrade);
  const int which = *rc::gen::inRange(-2, count);
  if (which == -1) return {verb, verb == Command::Verb::downgrade ? "base" : "heads"};
  if (which == -2)
    return {verb, verb == Command::Verb::downgrade ? "-1" : (verb == Command::Verb::upgrade ? "+1" : "heads")};
  return {verb, id_of(which)};
}

void carry_out(World& world, Runner& me, const Command& command, int count) {
  RC_LOG(std::to_string(static_cast<int>(command.verb)) + " " + command.target);
  const std::string victim = "+" + id_of(count - 1);
  try {
    switch (command.verb) {
      case Command::Verb::upgrade:
        upgrade(me.project, command.target);
        break;
      case Command::Verb::failing_upgrade:
        me.scripts.on(victim, raises("no"));
        upgrade(me.project, command.target);
        me.scripts.forget(victim);
        break;
      case Command::Verb::downgrade:
        downgrade(me.project, command.target);
        break;
      case Command::Verb::stamp:
      case Command::Verb::purge:
        stamp(me.project, {command.target}, command.verb == Command::Verb::purge);
        break;
    }
  } catch (const Error& error) {
    RC_ASSERT(error.kind() == Kind::revision);  // "+1" past the end and the like
  }
  if (world.state_document()) RC_ASSERT(world.disagreement() == std::string());
}

// Between two revisions the state speaks of those before the one that is under way. Gathers what is wrong.
void watch_each_step(World& world, std::string& wrong) {
  world.server.before_command([&world, &wrong](const MemoryServer::Sent& sent) {
    if (sent.name != "update" || sent.collection != kStateCollection) return;
    const auto set = sent.command.documents("updates").at(0).document("u")->document("$set");
    if (!set || !set->has("heads")) return;
    const auto ids = world.recorded();
    AppliedDigest digest;
    for (const std::string& id : ids) digest.add(id);
    if (set->integer("count") != static_cast<std::int64_t>(ids.size())) wrong += "count in " + sent.command.json();
    if (set->string("digest") != digest.text()) wrong += "digest in " + sent.command.json();
    auto heads = set->strings("heads");
    auto wanted = load_graph(world.files).heads_of({ids.begin(), ids.end()});
    std::ranges::sort(heads);
    std::ranges::sort(wanted);
    if (heads != wanted) wrong += "heads in " + sent.command.json();
  });
}

TEST(HeadsProperty, TheStateSaysWhatTheRecordsSay) {
  EXPECT_TRUE(rc::check("after any commands on any history", [] {
    World world;
    Runner me(world.server, world.files, "here");
    const int count = *rc::gen::inRange(1, 9);
    for (int i = 0; i < count; ++i) add_random_file(world, i);
    std::string wrong;
    watch_each_step(world, wrong);
    const int commands = *rc::gen::inRange(1, 8);
    for (int i = 0; i < commands; ++i) carry_out(world, me, random_command(count), count);
    RC_ASSERT(wrong == std::string());
  }));
}

// Files change under what is applied: new ones, and other parents for those that are there.
TEST(HeadsProperty, TheStateSaysWhatTheRecordsSayAlsoWhenParentsAreEdited) {
  EXPECT_TRUE(rc::check("after any commands on a history that is edited", [] {
    World world;
    Runner me(world.server, world.files, "here");
    const int count = *rc::gen::inRange(2, 7);
    for (int i = 0; i < count; ++i) add_random_file(world, i);
    std::string wrong;
    watch_each_step(world, wrong);
    for (int round = 0; round < 3; ++round) {
      carry_out(world, me, random_command(count), count);
      add_random_file(world, *rc::gen::inRange(0, count));
      // Edited, what is applied may have other heads; the next command that changes something says so.
      const auto report = upgrade(me.project, "heads");
      RC_ASSERT(report.failure == nullptr);
      const auto ids = world.recorded();
      RC_ASSERT(static_cast<int>(ids.size()) == count);
      carry_out(world, me, {Command::Verb::stamp, id_of(*rc::gen::inRange(0, count))}, count);
    }
    RC_ASSERT(wrong == std::string());
  }));
}

TEST(HeadsProperty, TheDigestIsOfASet) {
  EXPECT_TRUE(rc::check("order-free, and taking out undoes putting in",
                        [](const std::set<std::string>& ids, const std::string& more) {
                          AppliedDigest forwards;
                          for (const auto& id : ids) forwards.add(id);
                          AppliedDigest backwards;
                          for (auto id = ids.rbegin(); id != ids.rend(); ++id) backwards.add(*id);
                          RC_ASSERT(forwards == backwards);
                          AppliedDigest changed = forwards;
                          changed.add(more);
                          RC_ASSERT(!(changed == forwards));
                          changed.remove(more);
                          RC_ASSERT(changed == forwards);
                          RC_ASSERT(AppliedDigest(forwards.text()) == forwards);
                        }));
}

TEST(AppliedDigest, WhatIsNoDigestEqualsNoneThatWasComputed) {
  for (const char* text : {"", "x", "0000000000000000000000000000000", "zz000000000000000000000000000000"})
    EXPECT_FALSE(AppliedDigest(text) == AppliedDigest()) << text;
  EXPECT_TRUE(AppliedDigest(std::string(32, '0')) == AppliedDigest());
}

}  // namespace
}  // namespace treering
