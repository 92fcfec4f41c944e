// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/write_batch.h"

#include <algorithm>
#include <iterator>

namespace treering {
namespace {

// Adds `operation` to `group` where one command can do both. An index that is in it already isn't added a second time:
// the server, which finds the first one there where they come in turn, refuses both together.
bool join(WriteBatch::Group& group, const Operation& operation, const std::string& place) {
  if (auto* write = std::get_if<Write>(&group.operation.body)) {
    const auto* more = std::get_if<Write>(&operation.body);
    if (more == nullptr || more->verb != write->verb || !(more->options == write->options)) return false;
    write->statements.push_back(more->statements.front());
    group.places.push_back(place);
    return true;
  }
  auto* indexes = std::get_if<CreateIndexes>(&group.operation.body);
  const auto* more = std::get_if<CreateIndexes>(&operation.body);
  if (indexes == nullptr || more == nullptr || !(more->options == indexes->options)) return false;
  for (const Document& index : more->indexes) {
    if (std::ranges::find(indexes->indexes, index) != indexes->indexes.end()) continue;
    indexes->indexes.push_back(index);
    group.places.push_back(place);
  }
  return true;
}

std::size_t statements_of(const Operation& operation) {
  const auto* indexes = std::get_if<CreateIndexes>(&operation.body);
  return indexes == nullptr ? 1 : indexes->indexes.size();
}

}  // namespace

bool WriteBatch::takes(const Operation& operation) {
  if (const auto* write = std::get_if<Write>(&operation.body)) return write->statements.size() == 1;
  const auto* indexes = std::get_if<CreateIndexes>(&operation.body);
  return indexes != nullptr && !indexes->indexes.empty();  // none at all are the server's to refuse
}

bool WriteBatch::add(const Operation& operation, const std::string& place) {
  const std::string collection = collection_of(operation);
  auto queue = std::ranges::find_if(
      queues_, [&](const Queue& one) { return one.database == operation.database && one.collection == collection; });
  if (queue == queues_.end()) queue = queues_.insert(queue, Queue{operation.database, collection, {}, 0});
  const std::size_t statements = statements_of(operation);
  if (queue->groups.empty() || !join(queue->groups.back(), operation, place))
    queue->groups.push_back({operation, std::vector<std::string>(statements, place)});
  queue->statements += statements;
  return queue->statements >= size_;
}

std::vector<WriteBatch::Group> WriteBatch::take(const std::string& database, const std::string& collection) {
  const auto queue = std::ranges::find_if(
      queues_, [&](const Queue& one) { return one.database == database && one.collection == collection; });
  if (queue == queues_.end()) return {};
  std::vector<Group> groups = std::move(queue->groups);
  queues_.erase(queue);
  return groups;
}

std::size_t WriteBatch::waiting() const {
  std::size_t sum = 0;
  for (const Queue& queue : queues_) sum += queue.statements;
  return sum;
}

std::vector<WriteBatch::Group> WriteBatch::take_all() {
  std::vector<Group> groups;
  for (Queue& queue : queues_) std::ranges::move(queue.groups, std::back_inserter(groups));
  queues_.clear();
  return groups;
}

}  // namespace treering
