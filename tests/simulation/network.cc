// SPDX-License-Identifier: Apache-2.0
#include "simulation/network.h"

#include <algorithm>

#include "simulation/world.h"
#include "treering/engine/state.h"

namespace treering::simulation {
namespace {

std::int64_t latency_us(World& world) {
  const auto up_to = [&](std::size_t limit) { return static_cast<std::int64_t>(world.chance.below(limit)); };
  if (world.chance.percent(world.faults.slow)) return 20000 + up_to(1000000);
  return 300 + up_to(8000);
}

std::string shown(const MemoryServer::Sent& sent) {
  const std::string text = sent.command.json();
  constexpr std::size_t kMost = 260;
  return text.size() <= kMost ? text : text.substr(0, kMost) + "...";
}

bool means_many(const MemoryServer::Sent& sent) {
  const auto any = [&](const char* statements, auto&& of_many) {
    return std::ranges::any_of(sent.command.documents(statements), of_many);
  };
  if (sent.name == "update") return any("updates", [](const Document& one) { return one.boolean("multi") == true; });
  return sent.name == "delete" && any("deletes", [](const Document& one) { return one.integer("limit") == 0; });
}

// Outside of a transaction, operations on collections and indexes and writes of many documents carry no transaction
// number: no server can refuse them for coming late, and the documentation says so. They don't come late here.
bool comes_too_late(const World& world, const SimulatedRunner& runner, const MemoryServer::Sent& sent) {
  if (!world.watch.is_superseded(runner) || sent.in_transaction) return false;
  // A server that stands alone can't refuse anything of it; the state looks after itself.
  if (world.faults.stands_alone && sent.collection != kStateCollection) return true;
  return is_schema_change(sent) || means_many(sent);
}

void set_server_clock(World& world) {
  world.server.advance(std::chrono::milliseconds(world.server_ms() - world.server.now_ms()));
}

// Past the lease.
void stop(World& world, SimulatedRunner& runner) {
  const auto beyond_us = static_cast<std::int64_t>(world.chance.below(3000000));
  runner.stop_until(world.scheduler.now_us() + std::chrono::microseconds(World::kLease).count() + beyond_us);
}

// What happens to a process just when it sends something or waits for the reply to it. A runner without the lease
// isn't worth it.
void befall(World& world, SimulatedRunner& runner, const MemoryServer::Sent& sent) {
  if (runner.epoch == 0 || runner.is_dead()) return;
  // A backfill is over after a few writes, and each of them is worth dying at. Where no server keeps a late runner out
  // nothing but the state's own writes does.
  const bool counts_alone = world.faults.stands_alone && sent.collection == kStateCollection;
  const bool backfills = runner.in_backfill && (sent.name == "update" || sent.name == "commitTransaction");
  const std::size_t killing = world.faults.killing_sends * (backfills ? 16 : 1);
  const std::size_t stopping = world.faults.stopping_sends * (runner.in_backfill || counts_alone ? 4 : 1);
  if (world.chance.below(1000) < killing) runner.kill();
  if (world.chance.below(1000) < stopping) stop(world, runner);
}

// A request, or the reply to it.
void lose(World& world, Task& task, const MemoryServer::Sent& sent) {
  task.lost = sent.command;
  SimulatedRunner& runner = *task.runner;
  if (runner.epoch == 0) return;
  // The network went away, and its machine with it: it hears of the loss when it goes on.
  if (world.chance.percent(world.faults.stopping_cuts)) stop(world, runner);
  // A person sees that it waits.
  if (world.chance.percent(world.faults.interrupts / 3)) runner.interrupt();
}

// Up to the moment in which the server carries it out.
void send(World& world, const MemoryServer::Sent& sent) {
  Task* const task = world.scheduler.current();
  if (task == nullptr) return set_server_clock(world);
  SimulatedRunner& runner = *task->runner;
  runner.require_alive();
  world.watch.sends(runner, sent);
  const bool lost_before = task->lost.has_value();
  task->lost.reset();
  const std::int64_t restarts = world.restarts;
  const bool is_held_back = world.chance.percent(40);  // a stop falls between the check and the send
  task->in_flight = !is_held_back;
  befall(world, runner, sent);
  world.scheduler.sleep(latency_us(world));
  task->in_flight = false;
  if (is_held_back && !runner.wait_while_stopped()) throw Killed{};
  set_server_clock(world);
  // What no driver sends once more, but we do.
  const std::size_t weight = is_schema_change(sent) ? 4 : 1;
  const bool is_still_cut = lost_before && world.chance.percent(world.faults.long_cuts);
  const bool request_lost = restarts != world.restarts || world.scheduler.now_us() < world.down_until_us ||
                            (is_still_cut && world.chance.percent(50)) ||
                            world.chance.below(1000) < world.faults.request_lost * weight ||
                            comes_too_late(world, runner, sent);
  const bool reply_lost = is_still_cut || world.chance.below(1000) < world.faults.reply_lost * weight;
  if (request_lost || reply_lost) {
    lose(world, *task, sent);
    if (request_lost && !runner.wait_while_stopped()) throw Killed{};
    world.server.fail_command(1, request_lost ? Fault::request_lost : Fault::reply_lost);
  }
  if (!request_lost) world.watch.arrives(runner, sent);
  if (world.story.is_told())
    world.story.tell(runner.name(), "{}{}", shown(sent),
                     request_lost ? " REQUEST LOST"
                     : reply_lost ? " REPLY LOST"
                                  : "");
}

// False where the server went away before it arrived.
bool take_reply(World& world, const MemoryServer::Sent& sent, const Document& reply) {
  Task* const task = world.scheduler.current();
  if (task == nullptr) return true;
  SimulatedRunner& runner = *task->runner;
  const std::int64_t restarts = world.restarts;
  world.watch.acted(runner, sent, reply);
  befall(world, runner, sent);
  runner.sleep(latency_us(world));
  if (restarts == world.restarts) return true;
  lose(world, *task, sent);
  return false;
}

}  // namespace

void connect_runners(World& world) {
  world.server.before_command([&world](const MemoryServer::Sent& sent) { send(world, sent); });
  world.server.after_command(
      [&world](const MemoryServer::Sent& sent, const Document& reply) { return take_reply(world, sent, reply); });
}

}  // namespace treering::simulation
