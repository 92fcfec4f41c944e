// SPDX-License-Identifier: Apache-2.0
// Small writes that wait for each other: what `env.batch` gathers, as a value. Pure; Env sends.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "treering/schema/operation.h"

namespace treering {

class WriteBatch {
 public:
  // `size`: how many statements of one collection wait at most. REQUIRES: at least 1.
  explicit WriteBatch(std::size_t size) : size_(size) {}

  // A write of one statement, or createIndexes: several of them in a row can be one command.
  static bool takes(const Operation& operation);

  // Queues. `place` says where the call stands ("versions/x.py:12"). True where the collection's queue is full now.
  // REQUIRES: takes(operation).
  bool add(const Operation& operation, const std::string& place);

  // Operations in the order in which they were queued, neighbours of one kind and with the same options joined.
  struct Group {
    Operation operation;
    std::vector<std::string> places;  // of each statement, or index
  };
  // Takes out what waits for that collection, or all collections in the order in which they were first written.
  std::vector<Group> take(const std::string& database, const std::string& collection);
  std::vector<Group> take_all();
  // Statements that wait, of all collections.
  std::size_t waiting() const;

 private:
  struct Queue {
    std::string database;
    std::string collection;
    std::vector<Group> groups;
    std::size_t statements = 0;
  };

  std::size_t size_;
  std::vector<Queue> queues_;
};

}  // namespace treering
