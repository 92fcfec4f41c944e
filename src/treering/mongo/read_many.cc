// SPDX-License-Identifier: Apache-2.0
// A server takes longer for a short read than the wire does, so what counts is how many are with it at once.
#include "treering/mongo/read_many.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace treering {
namespace {

constexpr std::size_t kThreads = 4;
// Below this a connection of its own takes longer than it saves.
constexpr std::size_t kWorthAThread = 16;

class Reading {
 public:
  Reading(Server& server, const std::string& database, const std::vector<Document>& commands)
      : server_(server), database_(database), commands_(commands), replies_(commands.size()) {}

  // Takes command after command until none is left or one failed. Called by several threads at once; never throws.
  void work() {
    std::size_t taken = next_++;
    try {
      if (taken >= commands_.size() || failed_) return;
      const std::unique_ptr<Connection> connection = server_.connect();
      for (; taken < commands_.size() && !failed_; taken = next_++)
        replies_[taken] = connection->command(database_, commands_[taken]);
    } catch (...) {
      keep_failure(taken);
    }
  }

  // REQUIRES: every thread has returned.
  std::vector<Document> take() {
    if (failure_) std::rethrow_exception(failure_);
    return std::move(replies_);
  }

 private:
  // Commands are handed out in order, so the first in order that failed is among those that were under way.
  void keep_failure(std::size_t index) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    if (failure_ && failed_at_ < index) return;
    failed_at_ = index;
    failure_ = std::current_exception();
  }

  Server& server_;
  const std::string& database_;
  const std::vector<Document>& commands_;
  std::vector<Document> replies_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::size_t failed_at_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

std::vector<Document> read_in_parallel(Server& server, const std::string& database,
                                       const std::vector<Document>& commands) {
  Reading reading(server, database, commands);
  {
    std::vector<std::jthread> threads;
    const std::size_t wanted = std::clamp<std::size_t>(commands.size() / kWorthAThread, 1, kThreads);
    try {
      while (threads.size() + 1 < wanted) threads.emplace_back([&reading] { reading.work(); });
    } catch (const std::system_error&) {
      // The machine gives no more threads: those there are do it all.
    }
    reading.work();
  }
  return reading.take();
}

}  // namespace treering
