// SPDX-License-Identifier: Apache-2.0
// Signals: a handler may do next to nothing, so it notes the signal's number and writes a byte into a pipe. The byte is
// never read: from then on every wait that polls the pipe ends at once. The handler is gone after its first call
// (SA_RESETHAND), so that a second signal of the same kind ends the process.
#include "treering/disk/system_clock.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "treering/base/error.h"

namespace treering {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kGlance{50};  // how long a wait may go without asking a check that no pipe announces

std::atomic<int> stop_signal{0};
std::atomic<int> stop_pipe_end{-1};    // written by the handler
std::atomic<int> stop_pipe_start{-1};  // polled by waits
static_assert(std::atomic<int>::is_always_lock_free, "the handler may not wait");

extern "C" void note_stop_signal(int number) {
  const int saved = errno;
  int none = 0;
  stop_signal.compare_exchange_strong(none, number);
  const char byte = 0;
  [[maybe_unused]] const auto written = ::write(stop_pipe_end.load(), &byte, 1);
  errno = saved;
}

void open_stop_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    throw Error(Kind::file, "can't open a pipe: " + std::generic_category().message(errno));
  stop_pipe_start = ends[0];
  stop_pipe_end = ends[1];
}

void catch_signal(int number) {
  struct sigaction former{};
  ::sigaction(number, nullptr, &former);
  if (former.sa_handler == SIG_IGN) return;  // who started us wants it ignored (nohup, a job in the background)
  struct sigaction action{};
  action.sa_handler = note_stop_signal;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  ::sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

// --- An interpreter's signals

struct InterpretersHandler {
  int number;
  struct sigaction action;
};
InterpretersHandler interpreters[] = {{SIGINT, {}}, {SIGTERM, {}}, {SIGHUP, {}}};
std::atomic<int> asked_to_stop{0};  // the number of the first signal

extern "C" void pass_on_or_end(int number) {
  if (asked_to_stop.exchange(number) != 0) {
    constexpr char kLast[] =
        "\nstopped at once: what is left undone is for the next command that writes, when our lease has run out\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kLast, sizeof kLast - 1);
    ::_exit(128 + number);
  }
  for (const InterpretersHandler& its : interpreters)
    if (its.number == number) its.action.sa_handler(number);
}

void pass_on(InterpretersHandler& its) {
  struct sigaction former{};
  ::sigaction(its.number, nullptr, &former);
  if (former.sa_handler == SIG_IGN || former.sa_handler == SIG_DFL || former.sa_handler == pass_on_or_end ||
      (former.sa_flags & SA_SIGINFO) != 0)
    return;
  its.action = former;
  struct sigaction action = former;
  action.sa_handler = pass_on_or_end;
  ::sigaction(its.number, &action, nullptr);
}

void throw_where_stopped_by(int number) {
  if (number == 0) return;
  const std::string name = number == SIGINT ? "Ctrl-C (SIGINT)" : number == SIGTERM ? "SIGTERM" : "SIGHUP";
  throw Error(Kind::interrupted, "stopped by " + name).with("signal", std::to_string(number));
}

void throw_if_stopped() { throw_where_stopped_by(stop_signal.load()); }

// Until the time is over, the pipe says that there was a signal, or a handler ran.
void wait_a_little(milliseconds time) {
  pollfd pipe{stop_pipe_start.load(), POLLIN, 0};
  const bool usable = pipe.fd >= 0 && stop_signal.load() == 0;  // a byte that was seen would end each wait at once
  ::poll(&pipe, usable ? 1 : 0, static_cast<int>(time.count()));
}

class Repetition : public Clock::Repeating {
 public:
  Repetition(milliseconds interval, std::function<void()> action)
      : thread_([this, interval, action = std::move(action)](const std::stop_token& stop) {
          run(stop, interval, action);
        }) {}

 private:
  void run(const std::stop_token& stop, milliseconds interval, const std::function<void()>& action) {
    std::unique_lock lock(mutex_);
    while (true) {
      stopped_.wait_for(lock, stop, interval, [] { return false; });
      if (stop.stop_requested()) return;
      action();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;  // last: it uses the others; its destructor asks it to stop and waits
};

class SystemClock : public Clock {
 public:
  explicit SystemClock(std::function<void()> check) : check_(std::move(check)) {}

  std::int64_t now_ms() override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<milliseconds>(now).count();
  }

  std::int64_t monotonic_us() override {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  }

  void pause(milliseconds time) override {
    const auto end = std::chrono::steady_clock::now() + time;
    while (true) {
      check_interrupted();
      const auto now = std::chrono::steady_clock::now();
      if (now >= end) return;
      const auto left = std::chrono::ceil<milliseconds>(end - now);
      if (check_) {
        wait_a_little(std::min(left, kGlance));
      } else {
        std::this_thread::sleep_for(left);
      }
    }
  }

  void check_interrupted() override {
    if (check_) check_();
  }

  std::unique_ptr<Repeating> every(milliseconds interval, std::function<void()> action) override {
    // Signals go to the threads that wait for them, so that those wake.
    sigset_t all, former;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &former);
    std::unique_ptr<Repeating> result;
    try {
      result = std::make_unique<Repetition>(std::max(interval, milliseconds(1)), std::move(action));
    } catch (...) {
      ::pthread_sigmask(SIG_SETMASK, &former, nullptr);
      throw;
    }
    ::pthread_sigmask(SIG_SETMASK, &former, nullptr);
    return result;
  }

  void together(const std::vector<std::function<void()>>& bodies) override {
    if (bodies.empty()) return;
    std::vector<std::thread> threads;
    sigset_t all, former;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &former);  // signals go to this thread
    for (std::size_t i = 1; i < bodies.size(); ++i) threads.emplace_back(bodies[i]);
    ::pthread_sigmask(SIG_SETMASK, &former, nullptr);
    bodies.front()();
    for (std::thread& thread : threads) thread.join();
  }

 private:
  std::function<void()> check_;
};

}  // namespace

std::unique_ptr<Clock> system_clock(std::function<void()> check) {
  return std::make_unique<SystemClock>(std::move(check));
}

void end_at_second_stop_signal() {
  asked_to_stop = 0;
  for (InterpretersHandler& its : interpreters) pass_on(its);
}

void throw_if_asked_to_stop() { throw_where_stopped_by(asked_to_stop.load()); }

std::function<void()> catch_stop_signals() {
  static std::once_flag once;
  std::call_once(once, open_stop_pipe);
  catch_signal(SIGINT);
  catch_signal(SIGTERM);
  catch_signal(SIGHUP);
  return throw_if_stopped;
}

}  // namespace treering
