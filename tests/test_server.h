// SPDX-License-Identifier: Apache-2.0
// A real server for tests: the one of TREERING_TEST_URL, else secantusd-rs from the cache folder, started here.
// Neither: the test fails and says so.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace treering {

// A folder of its own, removed at the end.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "treering_test_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder: " + name);
    path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string read_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::string secantus_path() {
  const char* cache = getenv("XDG_CACHE_HOME");
  const char* home = getenv("HOME");
  const std::string root =
      cache != nullptr && *cache != '\0' ? cache : std::string(home == nullptr ? "" : home) + "/.cache";
  return root + "/treering/secantus-0.5.3-beta.196/bin/secantusd-rs";
}

// A server process of our own on `data`; ends with this process at the latest.
class OwnServer {
 public:
  explicit OwnServer(const std::string& data, const std::vector<std::string>& more = {}) {
    if (access(secantus_path().c_str(), X_OK) != 0)
      throw std::runtime_error("no server to test on: set TREERING_TEST_URL, or build " + secantus_path() +
                               " with make test");
    std::vector<std::string> words = {secantus_path(),  "--host",       "127.0.0.1",        "--port",         "0",
                                      "--storage-path", data + "/data", "--sync-on-commit", "--log-file-max", "8MB",
                                      "--cache-size",   "256M",         "--log-level",      "WARNING"};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string log = data + "/log";
    std::filesystem::remove(log);  // of an earlier server on the same data
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      if (out < 0 || chdir(data.c_str()) != 0) _exit(127);
      dup2(out, STDOUT_FILENO);
      dup2(out, STDERR_FILENO);
      execv(argv[0], argv.data());
      _exit(127);
    }
    wait_until_ready(log);
  }
  ~OwnServer() { stop(); }
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;

  std::string url() const { return "mongodb://127.0.0.1:" + port_ + "/"; }
  std::string port() const { return port_; }
  pid_t pid() const { return pid_; }

  // Waits for its end, so that the data can be opened again.
  void stop() {
    if (pid_ <= 0) return;
    kill(pid_, SIGCONT);
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  void wait_until_ready(const std::string& log) {
    const std::string sign = "listening on 127.0.0.1:";
    while (waitpid(pid_, nullptr, WNOHANG) == 0) {
      const std::string text = read_text(log);
      const auto at = text.find(sign);
      if (at != std::string::npos && text.find('\n', at) != std::string::npos) {
        const auto start = at + sign.size();
        port_ = text.substr(start, text.find_first_not_of("0123456789", start) - start);
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    pid_ = -1;
    throw std::runtime_error("the test's server ended at once: " + read_text(log));
  }

  pid_t pid_ = -1;
  std::string port_;
};

// One server for all tests of this program.
inline std::string test_server_url() {
  if (const char* url = getenv("TREERING_TEST_URL"); url != nullptr && *url != '\0') return url;
  static const TempFolder folder;
  static const OwnServer server(folder.path());
  return server.url();
}

// A database name that no other test uses, also not in another process.
inline std::string test_database() {
  static int count = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return "treering_test_" + std::to_string(getpid()) + "_" + std::to_string(now.count() % 1000000000) + "_" +
         std::to_string(++count);
}

}  // namespace treering
