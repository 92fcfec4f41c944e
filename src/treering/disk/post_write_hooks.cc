// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/post_write_hooks.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "treering/disk/descriptor.h"

namespace treering {
namespace {

constexpr std::string_view kPlace = "REVISION_SCRIPT_FILENAME";
constexpr std::size_t kChunk = 65536;

std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) c == '\'' ? quoted += "'\\''" : quoted += c;
  return quoted + "'";
}

std::string command_line_for(const std::string& hook, const std::string& path) {
  const std::string quoted = shell_quoted(path);
  std::string line = hook;
  std::size_t at = line.find(kPlace);
  if (at == std::string::npos) return line + " " + quoted;
  for (; at != std::string::npos; at = line.find(kPlace, at + quoted.size())) line.replace(at, kPlace.size(), quoted);
  return line;
}

// How a process is started; REQUIRES: `output` stays open until it was.
class Start {
 public:
  Start(const std::string& folder, int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGPIPE);  // a Python program ignores it, and its children would
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;
  ~Start() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }

  // Gives 0 or errno.
  int shell(const std::string& line, pid_t& process) const {
    std::string command[] = {"sh", "-c", line};
    char* const arguments[] = {command[0].data(), command[1].data(), command[2].data(), nullptr};
    return ::posix_spawn(&process, "/bin/sh", &actions_, &attributes_, arguments, environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// Passes on what was written into the file, and gives its last line that isn't blank.
std::string pass_on(int file) {
  std::string text;
  std::string chunk(kChunk, '\0');
  for (off_t at = 0;;) {
    const ssize_t size = ::pread(file, chunk.data(), chunk.size(), at);
    if (size <= 0) break;
    at += size;
    text.append(chunk, 0, static_cast<std::size_t>(size));
  }
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t size = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (size < 0 && errno != EINTR) break;
    if (size > 0) rest.remove_prefix(static_cast<std::size_t>(size));
  }
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return {};
  const std::size_t before = text.find_last_of('\n', end);
  return text.substr(before == std::string::npos ? 0 : before + 1,
                     end - (before == std::string::npos ? 0 : before + 1) + 1);
}

std::string failure_of(int status, const std::string& last_line) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string end = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                              : "exit " + std::to_string(WEXITSTATUS(status));
  return "failed (" + end + ")" + (last_line.empty() ? "" : ": " + last_line);
}

// "" where it went well. The output goes into a file and not into a pipe: a daemon that a hook leaves behind holds a
// pipe open for ever.
std::string run(const std::string& line, const std::string& root) {
  const auto reason = [](int code) { return "failed: " + std::generic_category().message(code); };
  const Descriptor output(::memfd_create("treering-hook", MFD_CLOEXEC));
  if (!output.valid()) return reason(errno);
  pid_t process = -1;
  if (const int code = Start(root, output.number()).shell(line, process); code != 0) return reason(code);
  int status = 0;
  while (::waitpid(process, &status, 0) < 0)
    if (errno != EINTR) return reason(errno);
  return failure_of(status, pass_on(output.number()));
}

}  // namespace

std::vector<std::string> run_post_write_hooks(const std::vector<std::string>& hooks, const std::string& root,
                                              const std::string& path) {
  std::vector<std::string> lines;
  for (const std::string& hook : hooks) {
    const std::string failure = run(command_line_for(hook, path), root);
    lines.push_back("Running post write hook '" + hook + "' ... " + (failure.empty() ? "done" : failure));
  }
  return lines;
}

}  // namespace treering
