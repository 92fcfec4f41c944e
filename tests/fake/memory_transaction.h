// SPDX-License-Identifier: Apache-2.0
// A transaction of the server in memory: it works on a copy of everything, as it was at its first command, and what it
// changed goes over when it commits.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "fake/memory_collection.h"
#include "treering/base/reply.h"

namespace treering::fake {

using MemoryCollections = std::map<std::string, MemoryCollection>;
using MemoryDatabases = std::map<std::string, MemoryCollections>;

inline ServerError refusal_with_label(int code, const std::string& name, const std::string& message,
                                      std::string_view label) {
  return ServerError(Document()
                         .add("ok", 0.0)
                         .add("errmsg", message)
                         .add("code", code)
                         .add("codeName", name)
                         .add_array("errorLabels", Document().add("0", label)));
}

class MemoryTransaction {
 public:
  enum class State { begun, open, dead, committed };

  State state() const { return state_; }
  MemoryDatabases& databases() { return mine_; }
  bool was_there(const std::string& database, const std::string& collection) const {
    const auto found = base_.find(database);
    return found != base_.end() && found->second.contains(collection);
  }

  // Before each command. Throws 251 where the server has ended it already, or was restarted meanwhile.
  void enter(const MemoryDatabases& now, std::int64_t restarts) {
    if (state_ == State::begun) {
      base_ = mine_ = now;
      restarts_ = restarts;
      state_ = State::open;
    }
    if (state_ == State::open && restarts != restarts_) state_ = State::dead;
    if (state_ != State::open)
      throw refusal_with_label(kNoSuchTransaction, "NoSuchTransaction", "Transaction has been aborted.", kTransient);
  }
  void kill() { state_ = State::dead; }

  // Throws 112 where somebody else changed, since the first command, what this one changed too.
  void require_no_conflict(const MemoryDatabases& now) const {
    for (const auto& [database, collections] : mine_)
      for (const auto& [name, collection] : collections)
        if (conflicts(now, database, name, collection))
          throw refusal_with_label(kWriteConflict, "WriteConflict",
                                   "Caused by :: Write conflict during plan execution and yielding is disabled.",
                                   kTransient);
  }

  // REQUIRES: require_no_conflict.
  void commit(MemoryDatabases& now) {
    for (const auto& [database, collections] : mine_)
      for (const auto& [name, collection] : collections) {
        if (!was_there(database, name)) {
          now[database].try_emplace(name, collection);  // with its indexes
          continue;
        }
        for (const auto& [id, change] : changes(database, name, collection))
          take_over(now.at(database).at(name), change);
      }
    state_ = State::committed;
  }

 private:
  // Of one document; null where it isn't there.
  struct Change {
    const Document* before = nullptr;
    const Document* after = nullptr;
  };
  using Id = std::string;  // the bytes of {_id: ...}

  static Document id_of(const Document& document) { return Document().add(*document.find("_id")); }
  static Id key_of(const Document& id) { return {id.bytes().begin(), id.bytes().end()}; }

  bool conflicts(const MemoryDatabases& now, const std::string& database, const std::string& name,
                 const MemoryCollection& collection) const {
    const MemoryCollection* there = collection_of(now, database, name);
    if (!was_there(database, name)) return there != nullptr;  // somebody else made it too
    const auto changed = changes(database, name, collection);
    if (!changed.empty() && (there == nullptr || there->uuid() != collection.uuid())) return true;
    return std::ranges::any_of(changed, [&](const auto& one) {
      const Change& change = one.second;
      const auto found = there->find(id_of(change.after != nullptr ? *change.after : *change.before), 0, false);
      const Document* by_now = found.empty() ? nullptr : &there->documents()[found.front()];
      if (by_now == nullptr || change.before == nullptr) return by_now != change.before;
      return *by_now != *change.before;
    });
  }

  static const MemoryCollection* collection_of(const MemoryDatabases& databases, const std::string& database,
                                               const std::string& name) {
    const auto collections = databases.find(database);
    if (collections == databases.end()) return nullptr;
    const auto found = collections->second.find(name);
    return found == collections->second.end() ? nullptr : &found->second;
  }
  // REQUIRES: it was there.
  std::map<Id, Change> changes(const std::string& database, const std::string& name,
                               const MemoryCollection& collection) const {
    std::map<Id, Change> result;
    for (const Document& document : base_.at(database).at(name).documents())
      result[key_of(id_of(document))].before = &document;
    for (const Document& document : collection.documents()) result[key_of(id_of(document))].after = &document;
    std::erase_if(result, [](const auto& one) {
      const auto& [before, after] = one.second;
      return before != nullptr && after != nullptr && *before == *after;
    });
    return result;
  }
  static void take_over(MemoryCollection& collection, const Change& change) {
    if (change.before == nullptr) return collection.insert(*change.after, 0);
    const std::size_t position = collection.find(id_of(*change.before), 0, false).front();
    if (change.after == nullptr) return collection.erase(position);
    collection.replace(position, *change.after, 0);
  }

  State state_ = State::begun;
  std::int64_t restarts_ = 0;
  MemoryDatabases base_;
  MemoryDatabases mine_;
};

}  // namespace treering::fake
