// SPDX-License-Identifier: Apache-2.0
#include "simulation/simulation.h"

#include <algorithm>
#include <map>

#include "simulation/network.h"
#include "simulation/world.h"
#include "treering/engine/env.h"

namespace treering::simulation {
namespace {

constexpr std::int64_t kSecondUs = 1000000;

// Seeds differ in what goes wrong at all, so that deep runs and broken ones both are played.
Faults choose_faults(Chance& chance) {
  const auto some = [&](std::size_t share, std::size_t limit) {
    return chance.percent(share) ? 1 + chance.below(limit) : 0;
  };
  Faults faults;
  faults.request_lost = some(50, 40);
  faults.reply_lost = some(50, 40);
  faults.slow = some(40, 15);
  faults.yields = some(50, 10);
  faults.kills = some(50, 60);
  faults.killing_sends = some(50, 25);
  faults.stopping_cuts = some(40, 100);
  faults.long_cuts = some(40, 60);
  faults.stops = some(30, 60);
  faults.stopping_sends = some(60, 80);
  faults.interrupts = some(25, 30);
  faults.restarts = some(15, 100);
  faults.code_fails = some(50, 25);
  faults.clock_jumps = some(20, 100);
  if (chance.percent(20)) faults.numbers = MemoryServer::Numbers::forgotten;
  faults.stamps = chance.percent(5);
  faults.stands_alone = chance.percent(30);
  faults.bystanders = chance.percent(40);
  faults.upgrades_alone = !faults.stamps && !faults.stands_alone && chance.percent(15);
  faults.small_documents = chance.percent(30);
  return faults;
}

HistoryKind kind_of_history(const Faults& faults) {
  if (faults.stamps) return HistoryKind::documents_alone;
  if (faults.upgrades_alone) return HistoryKind::upgraded_alone;
  return faults.stands_alone ? HistoryKind::without_transactions : HistoryKind::with_schema;
}

Job choose_job(World& world) {
  Chance& chance = world.chance;
  const std::size_t count = world.history.size();
  Job job;
  job.host = "host" + std::to_string(chance.below(4));
  job.starts_us = static_cast<std::int64_t>(chance.below(3 * kSecondUs));
  job.files = chance.percent(30) ? 1 + chance.below(count) : count;
  const std::string some = world.history[chance.below(job.files)].id;
  const std::size_t what = chance.below(100);
  if (world.faults.stamps && what < 25) {
    job.verb = Job::Verb::stamp;
    job.target = some;
  } else if (what < 70 || world.faults.upgrades_alone) {
    job.target = chance.percent(75) ? "head" : chance.percent(50) ? some : "+1";
  } else {
    job.verb = Job::Verb::downgrade;
    job.target = chance.percent(40) ? "base" : chance.percent(50) ? some : "-1";
  }
  if (chance.percent(50)) job.clock_offset_ms = static_cast<std::int64_t>(chance.below(600000)) - 300000;
  job.lock_timeout = std::chrono::milliseconds(chance.one_of({0, 1000, 5000, 10000}));
  if (chance.percent(3)) job.lacks = chance.below(job.files);
  if (chance.percent(5)) job.edited = chance.below(job.files);
  job.fails = world.faults.code_fails;
  return job;
}

// Somebody who does something else beside them.
Job choose_bystander(World& world) {
  using Verb = Job::Verb;
  Job job = choose_job(world);
  job.verb = world.chance.one_of(
      {Verb::work, Verb::empty_trash, Verb::empty_trash, Verb::restore, Verb::unlock, Verb::doctor});
  job.starts_us = static_cast<std::int64_t>(world.chance.below(8 * kSecondUs));
  job.lock_timeout = std::chrono::milliseconds(world.chance.one_of({0, 5000}));
  job.files = world.history.size();
  job.lacks.reset();
  return job;
}

// Moments while runners are at work.
std::int64_t some_moment(World& world, const Job& job) {
  return job.starts_us + static_cast<std::int64_t>(world.chance.below(world.chance.percent(50) ? 300000 : 2000000));
}

void choose_mishaps(World& world, SimulatedRunner& runner) {
  Chance& chance = world.chance;
  const Faults& faults = world.faults;
  Scheduler& scheduler = world.scheduler;
  if (chance.percent(faults.kills)) scheduler.at(some_moment(world, runner.job()), [&runner] { runner.kill(); });
  if (chance.percent(faults.stops)) {
    const std::int64_t time_us = 500000 + static_cast<std::int64_t>(chance.below(6 * kSecondUs));
    scheduler.at(some_moment(world, runner.job()),
                 [&runner, &scheduler, time_us] { runner.stop_until(scheduler.now_us() + time_us); });
  }
  if (chance.percent(faults.interrupts))
    scheduler.at(some_moment(world, runner.job()), [&runner] { runner.interrupt(); });
  if (chance.percent(faults.clock_jumps)) {
    const auto offset_ms = static_cast<std::int64_t>(chance.below(600000)) - 300000;
    scheduler.at(some_moment(world, runner.job()), [&runner, offset_ms] { runner.clock().set_offset_ms(offset_ms); });
  }
}

void choose_restart(World& world) {
  if (!world.chance.percent(world.faults.restarts)) return;
  const auto at_us = static_cast<std::int64_t>(world.chance.below(3 * kSecondUs));
  const auto down_us = static_cast<std::int64_t>(world.chance.below(kSecondUs));
  world.scheduler.at(at_us, [&world, down_us] {
    world.story.tell("", "the server is RESTARTED, and down for {} ms", down_us / 1000);
    world.server.restart(world.faults.numbers);
    ++world.restarts;
    world.down_until_us = world.scheduler.now_us() + down_us;
  });
}

void set_history(World& world, std::vector<GeneratedRevision> history) {
  world.history = std::move(history);
  for (const GeneratedRevision& revision : world.history) world.revisions[revision.id] = &revision;
  world.watch.begin();
  connect_runners(world);
}

SimulatedRunner& add_runner(World& world, Job job) {
  world.runners.push_back(std::make_unique<SimulatedRunner>(world, std::move(job), world.runners.size() + 1));
  SimulatedRunner& runner = *world.runners.back();
  world.scheduler.start(&runner, runner.job().starts_us, [&runner] { runner.live(); });
  return runner;
}

// Until nothing is left to do or something doesn't hold.
std::uint64_t play(World& world) {
  constexpr std::uint64_t kMost = 200000;
  std::uint64_t steps = 0;
  while (world.watch.failure().empty() && world.scheduler.step())
    if (++steps > kMost) world.watch.fail("it doesn't end");
  return steps;
}

// Every task comes to its end, so that nothing of it is left.
void end_tasks(World& world) {
  world.watch.rest();
  world.scheduler.forget_events();
  for (const auto& runner : world.runners) runner->kill();
  while (world.scheduler.step()) continue;
}

std::uint64_t run_undisturbed(World& world, Job::Verb verb, const std::string& target) {
  Job job;
  job.verb = verb;
  job.target = target;
  job.host = "quiet";
  job.files = world.history.size();
  job.must_succeed = true;
  job.starts_us = world.scheduler.now_us() + std::chrono::microseconds(World::kLease).count() + kSecondUs;
  add_runner(world, std::move(job));
  return play(world);
}

// Collections with their options, indexes and documents, without Treering's own.
using Image = std::map<std::string, std::vector<std::string>>;

// Revisions that don't stand on each other add their fields in any order.
Document in_order(const Document& document) {
  std::vector<Field> fields = document.fields();
  std::ranges::sort(fields, {}, [](const Field& field) { return field.key(); });
  Document result;
  for (const Field& field : fields) result.add(field);
  return result;
}

Image image_of(MemoryServer& server) {
  Image image;
  for (const std::string& name : server.collections("app")) {
    if (is_internal_collection(name) || name.starts_with(World::kRestored)) continue;
    const fake::MemoryCollection& collection = *server.collection("app", name);
    std::vector<std::string>& content = image[name];
    for (const Document& index : collection.indexes()) content.push_back("index " + index.json());
    for (const Document& document : collection.documents()) content.push_back(in_order(document).json());
    std::ranges::sort(content);
    content.push_back("options " + collection.options().json());
  }
  return image;
}

std::string difference(const Image& wanted, const Image& found) {
  for (const auto& [name, content] : wanted) {
    const auto other = found.find(name);
    if (other == found.end()) return "there is no collection " + name;
    for (const std::string& one : content)
      if (std::ranges::count(other->second, one) == 0) return name + " lacks " + one;
    for (const std::string& one : other->second)
      if (std::ranges::count(content, one) == 0) return name + " has " + one;
  }
  for (const auto& [name, content] : found)
    if (!wanted.contains(name)) return "there is a collection " + name;
  return "";
}

// The faults have stopped: one more run ends where an undisturbed one would.
std::uint64_t finish(World& world) {
  world.faults = {
      .numbers = world.faults.numbers, .stamps = world.faults.stamps, .stands_alone = world.faults.stands_alone};
  world.down_until_us = 0;
  std::uint64_t steps = 0;
  // Documents that half of a downgrade removed are put back by upgrading anew.
  if (!world.watch.half_reverted().empty() || world.faults.stamps)
    steps += run_undisturbed(world, Job::Verb::downgrade, "base");
  steps += run_undisturbed(world, Job::Verb::upgrade, "head");
  if (!world.watch.failure().empty()) return steps;
  if (const std::string what = world.watch.disorder(); !what.empty()) world.watch.fail("at the end " + what);
  if (!world.watch.half_reverted().empty()) return steps;  // something is gone that the way to the base needs
  World calm(0, Story::Telling::silent);
  set_history(calm, world.history);
  steps += run_undisturbed(calm, Job::Verb::upgrade, "head");
  if (!calm.watch.failure().empty()) world.watch.fail("undisturbed: " + calm.watch.failure());
  if (const std::string what = difference(image_of(calm.server), image_of(world.server)); !what.empty())
    world.watch.fail("the database isn't that of an undisturbed run: " + what);
  return steps;
}

}  // namespace

Outcome simulate(std::uint64_t seed, Story::Telling telling) {
  World world(seed, telling);
  world.faults = choose_faults(world.chance);
  if (world.faults.stands_alone) world.server.stand_alone();
  if (world.chance.percent(50)) world.server.be_of(ServerAge::from_7_0);
  if (world.faults.small_documents)
    world.server.limit({.document_bytes = 4096, .message_bytes = 2 << 20, .write_batch = 1000});
  set_history(world, generate_history(world.chance, kind_of_history(world.faults)));
  if (world.chance.percent(70)) world.server.retry_writes();
  const std::size_t count = 2 + (world.chance.percent(20) ? world.chance.below(7) : world.chance.below(3));
  for (std::size_t i = 0; i < count; ++i) choose_mishaps(world, add_runner(world, choose_job(world)));
  if (world.faults.bystanders)
    for (std::size_t i = 0; i <= world.chance.below(3); ++i)
      choose_mishaps(world, add_runner(world, choose_bystander(world)));
  choose_restart(world);
  Outcome outcome;
  outcome.steps = play(world);
  if (world.watch.failure().empty()) outcome.steps += finish(world);
  world.story.tell("", "{}", world.watch.failure().empty() ? "everything holds" : world.watch.failure());
  outcome.failure = world.watch.failure();
  end_tasks(world);
  outcome.story = world.story.lines();
  return outcome;
}

}  // namespace treering::simulation
