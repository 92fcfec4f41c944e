// SPDX-License-Identifier: Apache-2.0
// The server in memory that the engine is tested on keeps the contract of the real ones, and refuses what it doesn't
// know.
#include "fake/memory_server.h"

#include "contract/connection_contract.h"
#include "contract/fence_contract.h"
#include "contract/schema_contract.h"
#include "contract/transaction_contract.h"

namespace treering {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, ConnectionContract,
                         testing::Values(ContractServer{"memory", [] { return std::make_unique<MemoryServer>(); }}));
INSTANTIATE_TEST_SUITE_P(Memory, FenceContract,
                         testing::Values(ContractServer{"memory", [] { return std::make_unique<MemoryServer>(); }}));
INSTANTIATE_TEST_SUITE_P(
    Memory, SchemaContract,
    testing::Values(ContractServer{"memory", [] { return std::make_unique<MemoryServer>(); }},
                    ContractServer{"memory_7_0", [] { return std::make_unique<MemoryServer>(ServerAge::from_7_0); }}),
    [](const auto& instance) { return instance.param.name; });
INSTANTIATE_TEST_SUITE_P(Memory, TransactionContract,
                         testing::Values(ContractServer{"memory", [] { return std::make_unique<MemoryServer>(); }}));

Document json(const std::string& text) { return Document::from_json(text); }

int refused(Connection& connection, const std::string& command) {
  try {
    connection.command("d", json(command));
  } catch (const ServerError& error) {
    return error.code();
  }
  return 0;
}

TEST(MemoryServer, RefusesWhatItDoesNotUnderstand) {
  MemoryServer server;
  auto connection = server.connect();
  connection->command("d", json(R"({"insert": "c", "documents": [{"_id": 1}]})"));
  EXPECT_EQ(refused(*connection, R"({"mapReduce": "c"})"), 59);
  EXPECT_EQ(refused(*connection, R"({"find": "c", "skip": 1})"), 40415);
  EXPECT_EQ(refused(*connection, R"({"find": "c", "filter": {"a": {"$regex": "x"}}})"), 2);
  EXPECT_EQ(refused(*connection, R"({"find": "c", "filter": {"$or": []}})"), 2);
  const Document reply =
      connection->command("d", json(R"({"update": "c", "updates": [{"q": {}, "u": {"$rename": {"a": "b"}}}]})"));
  EXPECT_EQ(reply.documents("writeErrors").at(0).integer("code"), 9);
}

TEST(MemoryServer, LosesTheCommandOrItsReply) {
  MemoryServer server;
  auto connection = server.connect();
  server.fail_command(1, Fault::request_lost);
  EXPECT_THROW(connection->command("d", json(R"({"insert": "c", "documents": [{"_id": 1}]})")), Error);
  EXPECT_TRUE(server.documents("d", "c").empty());
  server.fail_command(1, Fault::reply_lost);
  EXPECT_THROW(connection->command("d", json(R"({"insert": "c", "documents": [{"_id": 1}]})")), Error);
  EXPECT_EQ(server.documents("d", "c").size(), 1U);
  EXPECT_FALSE(server.fault_is_still_to_come());
}

TEST(MemoryServer, RefusesWithTheCodesOfMongoDB) {
  MemoryServer server;
  auto connection = server.connect();
  EXPECT_EQ(refused(*connection, R"({"drop": "c"})"), kNamespaceNotFound);
  EXPECT_EQ(refused(*connection, R"({"listIndexes": "c"})"), kNamespaceNotFound);
  connection->command("d", json(R"({"create": "c"})"));
  EXPECT_EQ(refused(*connection, R"({"create": "c"})"), kNamespaceExists);
  EXPECT_EQ(refused(*connection, R"({"dropIndexes": "c", "index": "a_1"})"), kIndexNotFound);
  MemoryServer newer(ServerAge::from_7_0);
  auto to_newer = newer.connect();
  EXPECT_EQ(refused(*to_newer, R"({"drop": "c"})"), 0);
  EXPECT_EQ(refused(*to_newer, R"({"create": "c"})"), 0);
  EXPECT_EQ(refused(*to_newer, R"({"create": "c"})"), 0);
  EXPECT_EQ(refused(*to_newer, R"({"create": "c", "capped": true, "size": 4096})"), kNamespaceExists);
}

}  // namespace
}  // namespace treering
