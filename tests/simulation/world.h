// SPDX-License-Identifier: Apache-2.0
// Everything that one seed's simulation consists of.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fake/memory_server.h"
#include "gen/chance.h"
#include "simulation/generated_history.h"
#include "simulation/scheduler.h"
#include "simulation/simulated_runner.h"
#include "simulation/story.h"
#include "simulation/watch.h"

namespace treering::simulation {

// How much goes wrong, in percent where nothing else is said.
struct Faults {
  std::size_t request_lost = 0;  // per mille
  std::size_t reply_lost = 0;    // per mille
  std::size_t slow = 0;          // commands that take long
  std::size_t yields = 0;
  std::size_t kills = 0;           // of the runners, at any moment
  std::size_t killing_sends = 0;   // per mille of the commands
  std::size_t stopping_sends = 0;  // per mille of the commands, in the lease's time
  std::size_t stopping_cuts = 0;   // in the lease's time, when a request or a reply is lost
  std::size_t long_cuts = 0;       // one loss after the other
  std::size_t stops = 0;
  std::size_t interrupts = 0;
  std::size_t restarts = 0;
  std::size_t code_fails = 0;
  std::size_t clock_jumps = 0;
  MemoryServer::Numbers numbers = MemoryServer::Numbers::kept;
  bool stamps = false;
  bool bystanders = false;  // look, help with backfills, treat the trash, unlock by force
  bool upgrades_alone = false;
  bool small_documents = false;  // the server takes none that are large: journals of some steps have parts
  bool stands_alone = false;     // the server has no sessions: nothing but the epoch keeps a late runner out
};

struct World {
  World(std::uint64_t seed, Story::Telling telling) : chance(seed), story(scheduler, telling), watch(*this) {}

  std::int64_t server_ms() const { return kStartMs + scheduler.now_us() / 1000; }

  static constexpr std::int64_t kStartMs = 1700000000000;
  static constexpr std::chrono::milliseconds kLease{3000};
  static constexpr const char* kRestored = "restored_by_";  // collections that somebody took out of the trash

  Chance chance;
  Scheduler scheduler;
  Story story;
  Faults faults;
  MemoryServer server;
  std::vector<GeneratedRevision> history;
  std::map<std::string, const GeneratedRevision*> revisions;
  std::vector<std::unique_ptr<SimulatedRunner>> runners;
  Watch watch;
  std::int64_t restarts = 0;
  std::int64_t down_until_us = 0;
};

}  // namespace treering::simulation
