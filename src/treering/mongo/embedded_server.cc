// SPDX-License-Identifier: Apache-2.0
// Files in .treering/: users.lock (each user holds it shared), start.lock (held while somebody starts or stops the
// server), server.json (the record of the server: engine, process, port), server.log, data-ENGINE/, run/ (the server's
// working directory). Whoever starts or stops holds start.lock; only there does users.lock become exclusive, for a
// moment, to learn whether anybody else is left.
#include "treering/mongo/embedded_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "treering/base/document.h"
#include "treering/base/error.h"
#include "treering/mongo/detached_process.h"
#include "treering/mongo/embedded_engine.h"
#include "treering/mongo/file_lock.h"
#include "treering/mongo/mongo_server.h"

namespace treering {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using Note = std::function<void(const std::string&)>;

constexpr auto kPatience = seconds(120);  // a server that recovers after a crash takes its time
constexpr auto kBetweenLooks = milliseconds(5);

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& text) {
  // Renamed into place: who is killed here leaves the old record or the new one.
  const std::string draft = path + ".new";
  std::ofstream file(draft, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  std::error_code failed;
  if (file) fs::rename(draft, path, failed);
  if (!file || failed)
    throw Error(Kind::file, "can't write " + path, "The folder must be writable.").with("file", path);
}

// The project's .treering/ folder.
class Folder {
 public:
  explicit Folder(const std::string& root) : path_(fs::absolute(root.empty() ? "." : root) / ".treering") {
    std::error_code failed;
    fs::create_directories(path_ / "run", failed);
    if (failed)
      throw Error(Kind::file, "can't make the folder " + path_.string() + ": " + failed.message(),
                  "The embedded server keeps its data there: make the project's folder writable, or set url to a "
                  "server that runs.")
          .with("file", path_.string());
  }
  // What stands in it from the first start on. REQUIRES: start.lock is ours, as two may come at once.
  void furnish() const {
    if (!fs::exists(path_ / ".gitignore")) write_file(*this / ".gitignore", "*\n");
    // Found first by secantusd, so that no settings of the user's or of the machine's apply.
    if (!fs::exists(path_ / "run" / "secantusd.toml")) write_file(*this / "run/secantusd.toml", "");
  }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

enum class Phase { starting, ready, ending };

// server.json.
struct Record {
  std::string engine;  // that wrote the data
  ProcessId process;
  int port = 0;
  Phase phase = Phase::ending;
};

std::string data_folder(const std::string& engine) { return "data-" + engine; }

Record read_record(const Folder& folder) {
  Record record;
  try {
    const Document json = Document::from_json(read_file(folder / "server.json"));
    record.engine = json.string("engine").value_or("");
    record.process.pid = static_cast<pid_t>(json.integer("pid").value_or(0));
    record.process.started = json.integer("started").value_or(0);
    record.port = static_cast<int>(json.integer("port").value_or(0));
    const std::string phase = json.string("phase").value_or("");
    record.phase = phase == "ready" ? Phase::ready : phase == "starting" ? Phase::starting : Phase::ending;
  } catch (const Error&) {
    // None yet, or somebody removed or spoilt it: the data folders still say which engine they belong to.
  }
  for (const char* engine : {"mongod", "secantusd-rs", "secantusd-py"})
    if (record.engine.empty() && fs::exists(folder / data_folder(engine))) record.engine = engine;
  return record;
}

void write_record(const Folder& folder, const Record& record) {
  const char* phase = record.phase == Phase::ready ? "ready" : record.phase == Phase::starting ? "starting" : "ending";
  write_file(folder / "server.json", Document()
                                             .add("engine", record.engine)
                                             .add("pid", static_cast<std::int64_t>(record.process.pid))
                                             .add("started", record.process.started)
                                             .add("port", record.port)
                                             .add("phase", phase)
                                             .json() +
                                         "\n");
}

std::string url_of(int port) { return "mongodb://127.0.0.1:" + std::to_string(port) + "/"; }

// A TCP port of this machine's loopback address.
class LoopbackSocket {
 public:
  explicit LoopbackSocket(int port) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address_.sin_port = htons(static_cast<std::uint16_t>(port));
  }
  ~LoopbackSocket() { close(fd_); }
  LoopbackSocket(const LoopbackSocket&) = delete;
  LoopbackSocket& operator=(const LoopbackSocket&) = delete;

  bool connects() { return connect(fd_, generic(), sizeof address_) == 0; }
  int bound_port() {
    socklen_t size = sizeof address_;
    if (bind(fd_, generic(), size) != 0 || getsockname(fd_, generic(), &size) != 0)
      throw Error(Kind::unreachable,
                  std::string("there is no free port for the embedded server: ") + std::strerror(errno));
    return ntohs(address_.sin_port);
  }

 private:
  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&address_); }
  int fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address_{};
};

// The port that the server's log names as ready, 0 before that.
int announced_port(const std::string& log) {
  constexpr std::string_view kSign = "listening on 127.0.0.1:";
  const auto at = log.find(kSign);
  if (at == std::string::npos || log.find('\n', at) == std::string::npos) return 0;
  int port = 0;
  std::from_chars(log.data() + at + kSign.size(), log.data() + log.size(), port);
  return port;
}

bool says_hello(int port) {
  try {
    const auto server = mongo_server({.url = url_of(port), .username = {}, .password = {}, .timeout = seconds(1)});
    server->connect()->command("admin", Document().add("ping", 1));
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string last_lines(const std::string& text) {
  constexpr std::size_t kEnough = 1000;
  return text.size() <= kEnough ? text : "..." + text.substr(text.size() - kEnough);
}

// Waits until the server takes commands; gives its port. Throws Error(Kind::unreachable) where it ends instead.
int wait_until_ready(const Folder& folder, const EmbeddedEngine& engine, const Record& record) {
  const auto deadline = steady_clock::now() + kPatience;
  while (is_running(record.process) && steady_clock::now() < deadline) {
    if (!says_its_port(engine)) {
      if (LoopbackSocket(record.port).connects() && says_hello(record.port)) return record.port;
    } else if (const int port = announced_port(read_file(folder / "server.log")); port > 0) {
      return port;
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
  ask_to_end(record.process);
  throw Error(Kind::unreachable, "the embedded server " + engine.program + " did not start",
              "Its log, " + (folder / "server.log") + ", ends: " + last_lines(read_file(folder / "server.log")))
      .with("file", folder / "server.log");
}

void wait_for_end(const Record& record) {
  const auto deadline = steady_clock::now() + kPatience;
  while (is_running(record.process)) {
    if (steady_clock::now() > deadline)
      throw Error(Kind::unreachable,
                  "the project's embedded server (pid " + std::to_string(record.process.pid) +
                      ") was told to end and still runs",
                  "Wait for it, or end it by hand, then try again.");
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

Record start_server(const Folder& folder, const Record& before, const Note& note) {
  const EmbeddedEngine engine = find_engine(engine_search_of_process(), before.engine);
  if (!before.engine.empty() && before.engine != engine.name)
    note("TREERING_EMBEDDED chooses " + engine.name + "; the data that " + before.engine +
         " wrote stays in .treering/" + data_folder(before.engine) + " and is not seen");
  Record record{.engine = engine.name, .process = {}, .port = 0, .phase = Phase::starting};
  if (!says_its_port(engine)) record.port = LoopbackSocket(0).bound_port();
  const std::string data = folder / data_folder(engine.name);
  std::error_code failed;
  fs::create_directories(data, failed);
  if (failed) throw Error(Kind::file, "can't make the folder " + data + ": " + failed.message()).with("file", data);
  record.process = launch_detached(
      {.command = engine_command(engine, data, record.port), .folder = folder / "run", .log = folder / "server.log"});
  write_record(folder, record);  // before it is ready: should we be killed now, the next one finds it
  record.port = wait_until_ready(folder, engine, record);
  record.phase = Phase::ready;
  write_record(folder, record);
  return record;
}

bool can_join(const Record& record) {
  return record.phase == Phase::ready && is_running(record.process) && LoopbackSocket(record.port).connects();
}

// The share of the program that this one replaced: ours now, so that one is closed.
bool take_over_share(const FileLock& users) {
  const char* text = std::getenv(kEmbeddedShareVariable);
  if (text == nullptr) return false;
  int fd = -1;
  std::from_chars(text, text + std::strlen(text), fd);
  unsetenv(kEmbeddedShareVariable);
  if (!users.is_same_file(fd)) return false;  // of another project, or not ours at all
  close(fd);
  return true;
}

class SharedServer final : public EmbeddedServer {
 public:
  SharedServer(Folder folder, FileLock users, int port)
      : folder_(std::move(folder)), users_(std::move(users)), port_(port) {}

  ~SharedServer() override {
    if (owner_ != getpid()) return;  // a forked child: the share is its parent's
    try {
      const FileLock starting(folder_ / "start.lock", LockMode::exclusive);
      if (users_.try_exclusive()) stop();
      users_.release();
    } catch (const std::exception&) {
      // Nothing can be told from here; the next user stops the server.
    }
  }
  SharedServer(const SharedServer&) = delete;
  SharedServer& operator=(const SharedServer&) = delete;

  std::string url() const override { return url_of(port_); }

  void keep_across_exec() override {
    setenv(kEmbeddedShareVariable, std::to_string(users_.keep_across_exec()).c_str(), 1);
  }

 private:
  void stop() {
    Record record = read_record(folder_);
    if (!is_running(record.process)) return;
    ask_to_end(record.process);
    record.phase = Phase::ending;
    write_record(folder_, record);
  }

  Folder folder_;
  FileLock users_;
  int port_;
  pid_t owner_ = getpid();
};

}  // namespace

std::unique_ptr<EmbeddedServer> EmbeddedServer::start(const std::string& root, const Note& note) {
  Folder folder(root);
  const FileLock starting(folder / "start.lock", LockMode::exclusive);
  folder.furnish();
  FileLock users(folder / "users.lock", LockMode::shared);
  const bool goes_on = take_over_share(users);
  Record record = read_record(folder);
  if (!can_join(record)) {
    if (record.phase != Phase::ending) ask_to_end(record.process);  // of a starter that was killed, or deaf
    wait_for_end(record);
    record = start_server(folder, record, note);
  }
  // Once for a command, also where it goes on in another program.
  if (const std::string warning = engine_warning(record.engine); !warning.empty() && !goes_on) note(warning);
  return std::make_unique<SharedServer>(std::move(folder), std::move(users), record.port);
}

}  // namespace treering
