// SPDX-License-Identifier: Apache-2.0
// Users of the embedded server are processes: each test forks some and tells them when to go.
#include "treering/mongo/embedded_server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "test_server.h"
#include "treering/base/document.h"
#include "treering/base/error.h"
#include "treering/mongo/detached_process.h"
#include "treering/mongo/mongo_server.h"

namespace treering {
namespace {

using testing::HasSubstr;

Document record_of(const std::string& root) { return Document::from_json(read_text(root + "/.treering/server.json")); }

ProcessId process_of(const std::string& root) {
  const Document record = record_of(root);
  return {static_cast<pid_t>(*record.integer("pid")), *record.integer("started")};
}

// Whether the process ends; a minute is for ever here.
bool ends(const ProcessId& process) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (is_running(process)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::unique_ptr<EmbeddedServer> start(const std::string& root, std::string* notes = nullptr) {
  return EmbeddedServer::start(root, [notes](const std::string& text) {
    if (notes != nullptr) *notes += text;
  });
}

Document run(const EmbeddedServer& server, const std::string& command) {
  return mongo_server({.url = server.url(), .username = {}, .password = {}})
      ->connect()
      ->command("db", Document::from_json(command));
}

// Another process that uses the server until it is told to leave, or killed.
class User {
 public:
  explicit User(const std::string& root) {
    if (pipe2(to_.data(), O_CLOEXEC) != 0 || pipe2(from_.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = fork();
    if (pid_ == 0) live(root);
    close(to_[0]);
    close(from_[1]);
  }
  ~User() { leave(); }
  User(const User&) = delete;
  User& operator=(const User&) = delete;

  std::string url() {  // waits until it has one
    std::string text;
    for (char letter = 0; read(from_[0], &letter, 1) == 1 && letter != '\n';) text += letter;
    return text;
  }
  void leave() {
    if (pid_ <= 0) return;
    (void)!write(to_[1], "q", 1);
    finish();
  }
  void kill_at_once() {
    kill(pid_, SIGKILL);
    finish();
  }

 private:
  void finish() {
    close(from_[0]);
    close(to_[1]);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  [[noreturn]] void live(const std::string& root) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
      const auto server = start(root);
      const std::string line = server->url() + "\n";
      (void)!write(from_[1], line.data(), line.size());
      char letter = 0;
      (void)!read(to_[0], &letter, 1);  // no end of file: users forked later hold the other end too
    } catch (const Error& error) {
      const std::string line = std::string(error.what()) + "\n";
      (void)!write(from_[1], line.data(), line.size());
    }
    _exit(0);
  }
  std::array<int, 2> to_{};
  std::array<int, 2> from_{};
  pid_t pid_ = -1;
};

class EmbeddedServerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(access(secantus_path().c_str(), X_OK), 0) << secantus_path() << " is not there: make test builds it";
    setenv("TREERING_EMBEDDED", secantus_path().c_str(), 1);
  }
  void TearDown() override {
    unsetenv("TREERING_EMBEDDED");
    if (!std::filesystem::exists(root_ + "/.treering/server.json")) return;
    ask_to_end(process_of(root_));  // where a test failed half way
    EXPECT_TRUE(ends(process_of(root_)));
  }
  std::string script(const std::string& name, const std::string& text) {
    const std::string path = folder_ / name;
    std::ofstream(path) << "#!/bin/sh\n" << text << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
  TempFolder folder_;
  std::string root_ = folder_ / "project";
};

// As any other command then: whoever asks for a transaction made no mistake.
TEST_F(EmbeddedServerTest, ATransactionAfterItsEndFindsNoServer) {
  auto server = start(root_);
  const auto connection = mongo_server({.url = server->url(), .username = {}, .password = {}})->connect();
  connection->command("db", Document().add("ping", 1));
  const auto process = process_of(root_);
  server.reset();
  ASSERT_TRUE(ends(process));
  try {
    connection->command("db", Document().add("ping", 1));
    ADD_FAILURE() << "it answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::unreachable) << error.what();
  }
  try {
    connection->begin_transaction();
    ADD_FAILURE() << "it began one";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::unreachable) << error.what();
  }
}

TEST_F(EmbeddedServerTest, StopsWithItsLastUser) {
  std::string notes;
  auto server = start(root_, &notes);
  EXPECT_EQ(run(*server, R"({"insert": "c", "documents": [{"_id": 1}]})").integer("n"), 1);
  EXPECT_EQ(notes, "");
  EXPECT_EQ(read_text(root_ + "/.treering/.gitignore"), "*\n");
  const ProcessId process = process_of(root_);
  EXPECT_TRUE(is_running(process));
  EXPECT_NE(getsid(process.pid), getsid(0)) << "Ctrl-C on our terminal must not reach it";
  server.reset();
  EXPECT_TRUE(ends(process));
}

TEST_F(EmbeddedServerTest, AnotherProcessJoinsAndKeepsIt) {
  auto server = start(root_);
  const ProcessId process = process_of(root_);
  User other(root_);
  EXPECT_EQ(other.url(), server->url());
  server.reset();
  EXPECT_EQ(record_of(root_).string("phase"), "ready");
  EXPECT_TRUE(is_running(process));
  EXPECT_EQ(process_of(root_).pid, process.pid);
  other.leave();
  EXPECT_TRUE(ends(process));
}

TEST_F(EmbeddedServerTest, KeepsTheDataWhenStartedAgainAtOnce) {
  for (int round = 0; round < 3; ++round) {
    const auto server = start(root_);
    EXPECT_EQ(run(*server, R"({"count": "c"})").integer("n"), round);
    run(*server, R"({"insert": "c", "documents": [{}]})");
  }
}

TEST_F(EmbeddedServerTest, AKilledUserDoesNotKeepTheServer) {
  User killed(root_);
  const std::string url = killed.url();
  killed.kill_at_once();
  const ProcessId process = process_of(root_);
  EXPECT_TRUE(is_running(process));
  auto next = start(root_);
  EXPECT_EQ(next->url(), url);
  next.reset();
  EXPECT_TRUE(ends(process));
}

TEST_F(EmbeddedServerTest, StartedFourTimesAtOnceItIsOneServer) {
  std::vector<std::unique_ptr<User>> users;
  for (int i = 0; i < 4; ++i) users.push_back(std::make_unique<User>(root_));
  const std::string url = users.front()->url();
  EXPECT_THAT(url, HasSubstr("mongodb://127.0.0.1:"));
  for (std::size_t i = 1; i < users.size(); ++i) EXPECT_EQ(users[i]->url(), url);
  const ProcessId process = process_of(root_);
  users.clear();
  EXPECT_TRUE(ends(process));
}

TEST_F(EmbeddedServerTest, UsersThatComeAndGoAlwaysFindOne) {
  std::vector<std::unique_ptr<User>> users(4);
  for (int step = 0; step < 16; ++step) {
    auto& user = users[static_cast<std::size_t>(step) % users.size()];
    if (step % 3 == 0 && user) user->kill_at_once();
    user = std::make_unique<User>(root_);
    EXPECT_THAT(user->url(), HasSubstr("mongodb://127.0.0.1:"));
    if (step % 5 == 0)
      for (auto& each : users) each.reset();
  }
  users.clear();
  EXPECT_TRUE(ends(process_of(root_)));
}

TEST_F(EmbeddedServerTest, AServerWhoseStarterWasKilledGivesWay) {
  User killed(root_);
  killed.url();
  killed.kill_at_once();
  const Document record = record_of(root_);
  Document half;
  for (const Field& field : record.fields())
    if (field.key() != "phase") half.add(field);
  std::ofstream(root_ + "/.treering/server.json") << half.add("phase", "starting").json();
  const ProcessId old = process_of(root_);
  const auto server = start(root_);
  EXPECT_FALSE(is_running(old));
  EXPECT_EQ(run(*server, R"({"ping": 1})").integer("ok"), 1);
}

TEST_F(EmbeddedServerTest, AStrangerWithTheRecordedIdIsLeftAlone) {
  {
    const auto server = start(root_);
  }
  ASSERT_TRUE(ends(process_of(root_)));
  std::ofstream(root_ + "/.treering/server.json") << Document()
                                                         .add("engine", "secantusd-rs")
                                                         .add("pid", static_cast<std::int64_t>(getpid()))
                                                         .add("started", std::int64_t{1})
                                                         .add("port", 1)
                                                         .add("phase", "ready")
                                                         .json();
  const auto server = start(root_);
  EXPECT_EQ(run(*server, R"({"ping": 1})").integer("ok"), 1);
}

TEST_F(EmbeddedServerTest, ASpoiltRecordIsNoObstacle) {
  {
    const auto server = start(root_);
  }
  ASSERT_TRUE(ends(process_of(root_)));
  std::ofstream(root_ + "/.treering/server.json") << "{\"pid\": ";
  unsetenv("TREERING_EMBEDDED");
  const auto server = start(root_);
  EXPECT_EQ(record_of(root_).string("engine"), "secantusd-rs");  // as the data folder says
}

// What the next test runs in place of the program that started the server.
TEST(EmbeddedExec, DISABLED_TakesTheShareOver) {
  const std::string root = getenv("TREERING_TEST_ROOT");
  const int inherited = std::stoi(getenv("TREERING_EMBEDDED_FD"));
  const auto server = start(root);
  EXPECT_EQ(getenv("TREERING_EMBEDDED_FD"), nullptr);
  EXPECT_EQ(fcntl(inherited, F_GETFD), -1) << "the old share is still open";
  EXPECT_EQ(server->url(), getenv("TREERING_TEST_SERVER"));
}

TEST_F(EmbeddedServerTest, GoesOnForTheProgramThatReplacesThisOne) {
  const pid_t child = fork();
  if (child == 0) {
    const auto server = start(root_);
    server->keep_across_exec();
    setenv("TREERING_TEST_ROOT", root_.c_str(), 1);
    setenv("TREERING_TEST_SERVER", server->url().c_str(), 1);
    execl("/proc/self/exe", "mongo_test", "--gtest_also_run_disabled_tests", "--gtest_filter=EmbeddedExec.*",
          "--gtest_brief=1", nullptr);
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(ends(process_of(root_)));
}

TEST_F(EmbeddedServerTest, AnInheritedNumberThatIsNoShareIsLeftAlone) {
  const int stranger = open("/dev/null", O_RDONLY | O_CLOEXEC);
  for (const std::string& value : {std::to_string(stranger), std::string("abc"), std::string("99999"), std::string()}) {
    setenv("TREERING_EMBEDDED_FD", value.c_str(), 1);
    start(root_);
    EXPECT_NE(fcntl(stranger, F_GETFD), -1) << value;
  }
  close(stranger);
}

TEST_F(EmbeddedServerTest, AFolderThatCannotBeWrittenIsAFileError) {
  std::ofstream(root_) << "a file where the project's folder should be";
  try {
    start(root_);
    FAIL() << "started";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::file);
    EXPECT_THAT(error.what(), HasSubstr(root_));
  }
}

TEST_F(EmbeddedServerTest, OneThatDoesNotStartShowsTheEndOfItsLog) {
  setenv("TREERING_EMBEDDED", script("secantusd-rs", "echo out of luck; exit 3").c_str(), 1);
  try {
    start(root_);
    FAIL() << "started";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::unreachable);
    EXPECT_THAT(error.hint(), HasSubstr("out of luck"));
  }
  setenv("TREERING_EMBEDDED", secantus_path().c_str(), 1);
  EXPECT_EQ(run(*start(root_), R"({"ping": 1})").integer("ok"), 1);
}

// mongod's flags, answered by the server that is there: mongod itself isn't installable everywhere.
TEST_F(EmbeddedServerTest, AMongodIsAskedUntilItAnswers) {
  const std::string mongod =
      script("mongod", "[ \"$1 $3 $5 $6\" = '--dbpath --port --bind_ip 127.0.0.1' ] || exit 9; sleep 0.2\nexec " +
                           secantus_path() +
                           " --host \"$6\" --port \"$4\" --storage-path \"$2\" --log-file-max 8MB --cache-size 256M");
  setenv("TREERING_EMBEDDED", mongod.c_str(), 1);
  std::string notes;
  {
    const auto server = start(root_, &notes);
    EXPECT_EQ(run(*server, R"({"insert": "c", "documents": [{}]})").integer("n"), 1);
    EXPECT_EQ(record_of(root_).string("engine"), "mongod");
  }
  EXPECT_EQ(notes, "");
  // Another engine chosen: its own, empty data, and a word on it.
  setenv("TREERING_EMBEDDED", secantus_path().c_str(), 1);
  const auto server = start(root_, &notes);
  EXPECT_THAT(notes, HasSubstr("data-mongod"));
  EXPECT_EQ(run(*server, R"({"count": "c"})").integer("n"), 0);
}

}  // namespace
}  // namespace treering
