// SPDX-License-Identifier: Apache-2.0
// treering._native.Env: engine/env.h for Python, BSON in and out as bytes. The facade in python/treering stands on it.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "treering/engine/env.h"

namespace treering::python {

// Thread-safe. Python may keep it longer than the Env lives: it is closed before the Env goes, and every later call
// raises.
class NativeEnv {
 public:
  // `kept_alive` is released when it is closed; empty where somebody else owns the Env.
  explicit NativeEnv(Env& env, std::shared_ptr<void> kept_alive = {});

  // Waits for calls under way on other threads. Wants the GIL, releases it meanwhile.
  void close();

  const std::string& database() const { return database_; }
  std::vector<std::string> collections();
  bool has_collection(const std::string& database, const std::string& name);
  bool is_dry_run();
  bool create_collection(const std::string& name, const nanobind::bytes& options);
  bool drop_collection(const std::string& name);

  nanobind::bytes read(const std::string& database, const nanobind::bytes& command);
  nanobind::bytes apply(Operation operation);

  // A cursor that nobody reads any more: it is killed along with the next read. Never blocks, so that a destructor may
  // call it.
  void forget_cursor(std::string database, std::string collection, std::int64_t id);

 private:
  template <class Call>
  auto call(Call&& body);
  void kill_forgotten_cursors();

  struct ForgottenCursor {
    std::string database;
    std::string collection;
    std::int64_t id;
  };

  std::mutex mutex_;
  Env* env_;
  std::shared_ptr<void> kept_alive_;
  std::string database_;
  std::mutex forgotten_mutex_;
  std::vector<ForgottenCursor> forgotten_;
};

void bind_env(nanobind::module_& module);

}  // namespace treering::python
