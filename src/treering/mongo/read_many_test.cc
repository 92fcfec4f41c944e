// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/read_many.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "test_server.h"
#include "treering/base/reply.h"
#include "treering/mongo/mongo_server.h"

namespace treering {
namespace {

// The real server, and a count of what goes to it.
class CountingServer : public Server {
 public:
  std::unique_ptr<Connection> connect() override {
    ++connections_;
    return std::make_unique<Counting>(*this);
  }
  std::string hosts() const override { return server_->hosts(); }

  int connections() const { return connections_; }
  int sent() const { return sent_; }

 private:
  class Counting : public Connection {
   public:
    explicit Counting(CountingServer& owner) : owner_(owner), connection_(owner.server_->connect()) {}
    Document command(const std::string& database, const Document& command) override {
      ++owner_.sent_;
      return connection_->command(database, command);
    }
    Limits limits() override { return connection_->limits(); }
    Document hello() override { return connection_->hello(); }
    std::string address() override { return connection_->address(); }
    Document session_id() override { return connection_->session_id(); }
    void begin_transaction(const TransactionOptions& options) override { connection_->begin_transaction(options); }
    void commit_transaction() override { connection_->commit_transaction(); }
    void abort_transaction() override { connection_->abort_transaction(); }
    bool in_transaction() const override { return connection_->in_transaction(); }

   private:
    CountingServer& owner_;
    std::unique_ptr<Connection> connection_;
  };

  std::unique_ptr<Server> server_ = mongo_server({.url = test_server_url(), .username = {}, .password = {}});
  std::atomic<int> connections_{0};
  std::atomic<int> sent_{0};
};

Document find(std::int32_t id) { return Document().add("find", "things").add("filter", Document().add("_id", id)); }

class ReadMany : public testing::Test {
 protected:
  static constexpr std::int32_t kCount = 500;

  ReadMany() : connection_(server_.connect()), database_(test_database()) {
    std::vector<Document> things;
    for (std::int32_t id = 0; id < kCount; ++id) things.push_back(Document().add("_id", id).add("square", id * id));
    connection_->command(database_, Document().add("insert", "things").add_array("documents", things));
  }
  ~ReadMany() override { connection_->command(database_, Document().add("dropDatabase", 1)); }

  // All things, with commands that the server refuses (the text tells which) at these places.
  std::vector<Document> commands(const std::set<std::int32_t>& wrong = {}) const {
    std::vector<Document> result;
    for (std::int32_t id = 0; id < kCount; ++id)
      result.push_back(wrong.contains(id) ? Document().add("noSuchCommand" + std::to_string(id), 1) : find(id));
    return result;
  }

  CountingServer server_;
  std::unique_ptr<Connection> connection_;
  std::string database_;
};

TEST_F(ReadMany, RepliesStandInTheOrderOfTheCommands) {
  const auto replies = read_in_parallel(server_, database_, commands());
  ASSERT_EQ(replies.size(), static_cast<std::size_t>(kCount));
  for (std::int32_t id = 0; id < kCount; ++id)
    EXPECT_EQ(replies[static_cast<std::size_t>(id)].documents("cursor.firstBatch").at(0).integer("square"), id * id);
  EXPECT_LE(server_.connections(), 5) << "four, and the test's own";
}

TEST_F(ReadMany, FewCommandsTakeOneConnectionAndNoneTakeNone) {
  EXPECT_TRUE(read_in_parallel(server_, database_, {}).empty());
  EXPECT_EQ(server_.connections(), 1);
  EXPECT_EQ(read_in_parallel(server_, database_, {find(1), find(2)}).size(), 2u);
  EXPECT_EQ(server_.connections(), 2);
}

TEST_F(ReadMany, TheFirstInOrderThatFailedIsToldAndTheRestIsNotSent) {
  for (int round = 0; round < 20; ++round) {
    const int before = server_.sent();
    try {
      read_in_parallel(server_, database_, commands({20, 21, 22, 23, 24}));
      FAIL() << "no error";
    } catch (const ServerError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("noSuchCommand20"));
    }
    EXPECT_LE(server_.sent() - before, 24) << "those before it, itself, and what the three others had under way";
  }
}

TEST_F(ReadMany, IsWhatTheServerDoes) {
  const auto server = mongo_server({.url = test_server_url(), .username = {}, .password = {}});
  EXPECT_EQ(server->read_many(database_, commands()).size(), static_cast<std::size_t>(kCount));
}

TEST(ReadManyElsewhere, ASilentHostIsUnreachable) {
  const auto server = mongo_server(
      {.url = "mongodb://127.0.0.1:1/", .username = {}, .password = {}, .timeout = std::chrono::milliseconds(200)});
  try {
    server->read_many("app", std::vector<Document>(100, Document().add("ping", 1)));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::unreachable);
  }
}

}  // namespace
}  // namespace treering
