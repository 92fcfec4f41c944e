// SPDX-License-Identifier: Apache-2.0
// A function with a stack of its own that can be left in the middle and gone on with: how synchronous code plays
// several runners on one thread.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>
#include <memory>

namespace treering::simulation {

// For one thread. A body that was begun has to end before its fiber is destroyed.
class Fiber {
 public:
  // `body` must not throw.
  explicit Fiber(std::function<void()> body) : body_(std::move(body)) {}
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Runs the body on, until it calls `leave` or ends. REQUIRES: no fiber is running; this one hasn't ended.
  void resume();
  // Gives back to whoever called `resume`. REQUIRES: called by this fiber's body.
  void leave();
  bool ended() const { return ended_; }

 private:
  // What the language's runtime keeps of exceptions under way: a fiber may be left inside of a catch block.
  struct Exceptions {
    void* caught = nullptr;
    unsigned int uncaught = 0;
  };

  static void enter();
  static Exceptions exchange_exceptions(const Exceptions& mine);

  std::function<void()> body_;
  std::unique_ptr<std::byte[]> stack_;
  ucontext_t inside_{};
  ucontext_t outside_{};
  Exceptions exceptions_;
  bool ended_ = false;
  void* thread_inside_ = nullptr;  // each fiber is a thread to the thread sanitizer: it holds its own locks
  void* thread_outside_ = nullptr;
  void* sanitizer_inside_ = nullptr;
  const void* outside_bottom_ = nullptr;
  std::size_t outside_size_ = 0;
};

}  // namespace treering::simulation
