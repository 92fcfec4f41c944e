// SPDX-License-Identifier: Apache-2.0
// Between fork and exec only async-signal-safe calls are made: the program may have threads.
#include "treering/mongo/detached_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fstream>
#include <sstream>

#include "treering/base/error.h"

namespace treering {
namespace {

// What the new process tells before it becomes the program: its id, then an errno only where it failed.
struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      throw Error(Kind::file, std::string("can't make a pipe: ") + std::strerror(errno));
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(std::size_t end) {
    if (ends.at(end) >= 0) close(ends.at(end));
    ends.at(end) = -1;
  }
};

void tell(int fd, int number) { (void)!write(fd, &number, sizeof number); }

bool hear(int fd, int& number) {
  ssize_t size = 0;
  do {
    size = read(fd, &number, sizeof number);
  } while (size < 0 && errno == EINTR);
  return size == sizeof number;
}

[[noreturn]] void become(char* const* argv, const char* folder, int log, int null, int report) {
  tell(report, getpid());
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGCHLD}) signal(number, SIG_DFL);
  if (chdir(folder) == 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(log, STDOUT_FILENO) >= 0 &&
      dup2(log, STDERR_FILENO) >= 0) {
    close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC);
    execv(argv[0], argv);
  }
  tell(report, errno);
  _exit(127);
}

// Owns a file for the time of the launch.
struct OpenFile {
  int fd;
  OpenFile(const std::string& path, int flags) : fd(open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (fd < 0) throw Error(Kind::file, "can't open " + path + ": " + std::strerror(errno)).with("file", path);
  }
  ~OpenFile() { close(fd); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
};

// Field 22 of /proc/PID/stat, counted from the last ')' because the second field is a name that may hold anything. 0:
// no such process, or a zombie.
std::int64_t start_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string stat = text.str();
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string state;
  std::string field;
  fields >> state;
  if (state == "Z" || state == "X") return 0;
  constexpr int kBetween = 18;  // fields 4 to 21
  for (int i = 0; i < kBetween; ++i) fields >> field;
  std::int64_t started = 0;
  fields >> started;
  return started;
}

}  // namespace

ProcessId launch_detached(const Launch& launch) {
  std::vector<std::string> words = launch.command;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const OpenFile log(launch.log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
  const OpenFile null("/dev/null", O_RDONLY);
  Pipe report;
  const pid_t middle = fork();
  if (middle < 0) throw Error(Kind::unreachable, std::string("can't start a process: ") + std::strerror(errno));
  if (middle == 0) {
    setsid();
    if (fork() == 0) become(argv.data(), launch.folder.c_str(), log.fd, null.fd, report.ends[1]);
    _exit(0);
  }
  report.close_end(1);
  while (waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
  }
  int pid = 0;
  int failure = 0;
  if (!hear(report.ends[0], pid)) throw Error(Kind::unreachable, "can't start a second process for " + words.front());
  if (hear(report.ends[0], failure))
    throw Error(Kind::unreachable, "can't run " + words.front() + ": " + std::strerror(failure))
        .with("file", words.front());
  return {pid, start_of(pid)};
}

bool is_running(const ProcessId& process) {
  return process.pid > 0 && process.started != 0 && start_of(process.pid) == process.started;
}

void ask_to_end(const ProcessId& process) {
  if (is_running(process)) kill(process.pid, SIGTERM);
}

}  // namespace treering
