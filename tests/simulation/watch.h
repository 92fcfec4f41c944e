// SPDX-License-Identifier: Apache-2.0
// What must hold in a simulation after every step, whatever went wrong.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fake/memory_server.h"
#include "simulation/database_watch.h"
#include "treering/engine/applied_digest.h"
#include "treering/history/graph.h"

namespace treering::simulation {

class SimulatedRunner;
struct World;

// An operation on a collection or its indexes.
bool is_schema_change(const MemoryServer::Sent& sent);

// The first thing that doesn't hold is kept, and ends the simulation.
class Watch {
 public:
  explicit Watch(World& world) : world_(world), database_(world) {}
  // REQUIRES: the world's history is there.
  void begin();

  // A process hands a command over, right after its last look at the lease where it took one.
  void sends(const SimulatedRunner& runner, const MemoryServer::Sent& sent);
  // It has come to the server, which carries it out now.
  void arrives(const SimulatedRunner& runner, const MemoryServer::Sent& sent);
  // The server carried it out.
  void acted(SimulatedRunner& runner, const MemoryServer::Sent& sent, const Document& reply);
  void code_started(const SimulatedRunner& runner, const std::string& revision, bool upgrades);
  void acknowledged(const SimulatedRunner& runner, const std::string& step);

  bool is_superseded(const SimulatedRunner& runner) const;
  // Whoever took the lease from it has had the server refuse what still comes from it.
  bool is_fenced(const SimulatedRunner& runner) const;

  // A downgrade's code began and its end wasn't recorded: documents that it removed stay removed.
  const std::set<std::string>& half_reverted() const { return half_reverted_; }

  bool is_something_gone() const { return database_.is_something_gone(); }

  void fail(const std::string& what) {
    if (failure_.empty() && active_) failure_ = what;
  }
  const std::string& failure() const { return failure_; }
  void rest() { active_ = false; }
  void watch_again() { active_ = true; }
  // "" where state, records and journal are in order with nobody at work, else what isn't.
  std::string disorder() const;

 private:
  void look_at_state(SimulatedRunner& runner, const MemoryServer::Sent& sent);
  void look_at_records(SimulatedRunner& runner);
  void look_at_log(const Document& command);
  void look_at_attempt(const Document& before);
  void look_at_entry(const Document& entry);
  bool can_fence() const;
  void require(const std::string& what_does_not_hold) {
    if (!what_does_not_hold.empty()) fail(what_does_not_hold);
  }
  void look_at_lease(SimulatedRunner& runner, const Document& before, const Document& now);
  void record_changed(SimulatedRunner& runner, const std::string& step);
  std::string disagreement() const;
  bool says_applied(const std::set<std::string>& ids) const;

  World& world_;
  DatabaseWatch database_;
  bool active_ = true;
  std::string failure_;
  Document state_;
  std::int64_t epoch_ = 0;
  std::int64_t fenced_below_ = 0;
  std::int64_t broken_below_ = 0;               // whoever has a lower epoch lost its lease to somebody's `unlock`
  std::map<std::string, std::string> records_;  // by id: whose they are
  std::set<std::string> half_reverted_;
  std::set<std::string> landed_;  // "run +id", by whomever
  Graph graph_;
};

}  // namespace treering::simulation
