// SPDX-License-Identifier: Apache-2.0
// What must hold of collections, indexes and documents, beside what the bookkeeping says (watch.h).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fake/memory_server.h"
#include "simulation/generated_history.h"

namespace treering::simulation {

class SimulatedRunner;
struct World;

// Each gives "", or what doesn't hold.
class DatabaseWatch {
 public:
  explicit DatabaseWatch(World& world) : world_(world) {}

  // From here on an attempt at a revision is open.
  void attempt_opened();
  // Just before the server carries it out. `attempt`: that is open in the state; empty where none is.
  std::string arrives(const SimulatedRunner& runner, const MemoryServer::Sent& sent, const Document& attempt) const;
  // It was carried out.
  void acted(const SimulatedRunner& runner, const MemoryServer::Sent& sent, const Document& reply);
  // "+id" or "-id" was recorded: its code has ended well.
  std::string recorded(const std::string& step) const;
  // The journal says what came of the attempt that is open.
  std::string logged(const Document& entry);

  // Somebody emptied the trash of what a downgrade would have brought back, or a run that failed had to leave the drop
  // of a collection as it is.
  bool is_something_gone() const { return !gone_.empty(); }

 private:
  struct Listed {
    std::int64_t uuid = 0;
    std::string validator;
    std::set<std::string> indexes;
    friend bool operator==(const Listed&, const Listed&) = default;
  };
  using Schema = std::map<std::string, Listed>;

  Schema schema() const;
  std::string drop_arrives(const SimulatedRunner& runner, const std::string& collection, const Document& attempt) const;
  std::string left(const Document& entry) const;

  World& world_;
  Schema before_attempt_;
  std::set<std::string> dropped_for_good_;                              // by the attempt that is open
  std::map<std::string, std::map<std::string, std::int64_t>> trashed_;  // by revision: collections, and which
  std::set<std::string> gone_;                                          // revisions
};

}  // namespace treering::simulation
