// SPDX-License-Identifier: Apache-2.0
// What signals do is tried in child processes: the handlers are the process's.
#include "treering/disk/system_clock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "treering/base/error.h"

namespace treering {
namespace {

using namespace std::chrono_literals;

// Runs `body` in a child that has written one byte before it goes on ("ready"), and gives wait status.
template <class Body>
int in_child(Body body, const std::vector<int>& signals) {
  int ready[2];
  EXPECT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 99;
    try {
      code = body([&] { return ::write(ready[1], "x", 1); });
    } catch (const std::exception&) {
      // Stays 99: nothing of the child may run on in the test's name.
    }
    ::_exit(code);
  }
  char byte = 0;
  for (const int number : signals) {
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    ::kill(child, number);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  return status;
}

// Waits far longer than the test; gives the exit code that the interruption asks for.
int wait_for_signal(const auto& ready) {
  const auto clock = system_clock(catch_stop_signals());
  clock->check_interrupted();
  ready();
  try {
    clock->pause(10min);
  } catch (const Error& error) {
    return error.kind() == Kind::interrupted ? error.exit_code() : 1;
  }
  return 2;
}

TEST(SystemClock, EndsAWaitAtASignal) {
  for (const auto& [number, code] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
    const int status = in_child([](const auto& ready) { return wait_for_signal(ready); }, {number});
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), code);
  }
}

TEST(SystemClock, EndsAWaitInAnotherThread) {
  const int status = in_child(
      [](const auto& ready) {
        const auto check = catch_stop_signals();
        int code = 0;
        std::thread([&] { code = wait_for_signal(ready); }).join();
        return code;
      },
      {SIGTERM});
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 143);
}

TEST(SystemClock, LetsASecondSignalEndTheProcess) {
  const int status = in_child(
      [](const auto& ready) {
        const auto check = catch_stop_signals();
        ready();
        for (bool told = false;;) {
          try {
            check();
          } catch (const Error&) {
            if (!std::exchange(told, true)) ready();
          }
          std::this_thread::sleep_for(1ms);
        }
        return 0;
      },
      {SIGINT, SIGINT});
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGINT);
}

TEST(SystemClock, LeavesAnIgnoredSignalIgnored) {
  const int status = in_child(
      [](const auto& ready) {
        ::signal(SIGINT, SIG_IGN);
        const auto check = catch_stop_signals();
        ::raise(SIGINT);
        check();  // would throw
        return wait_for_signal(ready);
      },
      {SIGTERM});
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 143);
}

TEST(SystemClock, AsksItsCheckWhileItWaits) {
  int asked = 0;
  const auto clock = system_clock([&] {
    if (++asked == 3) throw Error(Kind::interrupted, "enough");
  });
  EXPECT_THROW(clock->pause(10min), Error);
  EXPECT_EQ(asked, 3);
}

TEST(SystemClock, WaitsAtLeastAsLongAsAsked) {
  const auto clock = system_clock();
  const auto before = clock->monotonic_us();
  clock->pause(20ms);
  EXPECT_GE(clock->monotonic_us() - before, 20000);
  EXPECT_GT(clock->now_ms(), 1700000000000);
}

TEST(SystemClock, RepeatsUntilToldToStop) {
  const auto clock = system_clock();
  std::atomic<int> calls{0};
  {
    std::mutex mutex;
    std::condition_variable enough;
    const auto repeating = clock->every(1ms, [&] {
      const std::lock_guard lock(mutex);
      ++calls;
      enough.notify_all();
    });
    std::unique_lock lock(mutex);
    enough.wait(lock, [&] { return calls >= 3; });
  }
  const int at_the_end = calls;
  clock->pause(20ms);
  EXPECT_EQ(calls, at_the_end);
}

TEST(SystemClock, StopsALongRepetitionAtOnce) {
  const auto clock = system_clock();
  std::atomic<int> calls{0};
  clock->every(1h, [&] { ++calls; }).reset();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace treering
