// SPDX-License-Identifier: Apache-2.0
#include "simulation/fiber.h"

#include <cxxabi.h>

#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define TREERING_FIBER_SANITIZED 1
#else
#define TREERING_FIBER_SANITIZED 0
#endif

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace treering::simulation {
namespace {

constexpr std::size_t kStackBytes = 512 * 1024;  // only what is touched costs memory

// Stacks of fibers that have ended.
std::vector<std::unique_ptr<std::byte[]>>& free_stacks() {
  static std::vector<std::unique_ptr<std::byte[]>> stacks;
  return stacks;
}

std::unique_ptr<std::byte[]> take_stack() {
  if (free_stacks().empty()) return std::unique_ptr<std::byte[]>(new std::byte[kStackBytes]);
  auto stack = std::move(free_stacks().back());
  free_stacks().pop_back();
  return stack;
}

Fiber* running = nullptr;

// What the thread sanitizer takes for a thread.
namespace thread {
#if defined(__SANITIZE_THREAD__)
void* make() { return __tsan_create_fiber(0); }
void* current() { return __tsan_get_current_fiber(); }
void go_to(void* thread) { __tsan_switch_to_fiber(thread, 0); }
void end(void* thread) { __tsan_destroy_fiber(thread); }
#else
void* make() { return nullptr; }
void* current() { return nullptr; }
void go_to(void*) {}
void end(void*) {}
#endif
}  // namespace thread

}  // namespace

Fiber::Exceptions Fiber::exchange_exceptions(const Exceptions& mine) {
  // The layout that the Itanium C++ ABI gives to __cxa_eh_globals.
  auto* globals = reinterpret_cast<Exceptions*>(abi::__cxa_get_globals());
  return std::exchange(*globals, mine);
}

void Fiber::enter() {
  Fiber* const self = running;
#if TREERING_FIBER_SANITIZED
  __sanitizer_finish_switch_fiber(nullptr, &self->outside_bottom_, &self->outside_size_);
#endif
  self->body_();
  self->ended_ = true;
  self->leave();
}

void Fiber::resume() {
  if (!stack_) {
    stack_ = take_stack();
    getcontext(&inside_);
    inside_.uc_stack.ss_sp = stack_.get();
    inside_.uc_stack.ss_size = kStackBytes;
    inside_.uc_link = nullptr;
    makecontext(&inside_, &Fiber::enter, 0);
    thread_inside_ = thread::make();
  }
  Fiber* const before = std::exchange(running, this);
  const Exceptions outside = exchange_exceptions(exceptions_);
#if TREERING_FIBER_SANITIZED
  void* fake_stack = nullptr;
  __sanitizer_start_switch_fiber(&fake_stack, stack_.get(), kStackBytes);
#endif
  thread_outside_ = thread::current();
  thread::go_to(thread_inside_);
  swapcontext(&outside_, &inside_);
#if TREERING_FIBER_SANITIZED
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
  exceptions_ = exchange_exceptions(outside);
  running = before;
  if (!ended_) return;
  thread::end(thread_inside_);
  free_stacks().push_back(std::move(stack_));
}

void Fiber::leave() {
#if TREERING_FIBER_SANITIZED
  __sanitizer_start_switch_fiber(ended_ ? nullptr : &sanitizer_inside_, outside_bottom_, outside_size_);
#endif
  thread::go_to(thread_outside_);
  swapcontext(&inside_, &outside_);
#if TREERING_FIBER_SANITIZED
  __sanitizer_finish_switch_fiber(sanitizer_inside_, &outside_bottom_, &outside_size_);
#endif
}

}  // namespace treering::simulation
