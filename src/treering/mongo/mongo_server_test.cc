// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/mongo_server.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "caught.h"
#include "contract/connection_contract.h"
#include "contract/fence_contract.h"
#include "contract/schema_contract.h"
#include "contract/transaction_contract.h"
#include "test_server.h"
#include "treering/mongo/command_route.h"
#include "treering/mongo/mongo_url.h"

namespace treering {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

MongoOptions options_of(const std::string& url) { return {.url = url, .username = {}, .password = {}}; }

INSTANTIATE_TEST_SUITE_P(Mongo, ConnectionContract,
                         testing::Values(ContractServer{"libmongoc",
                                                        [] { return mongo_server(options_of(test_server_url())); }}),
                         [](const auto& instance) { return instance.param.name; });
INSTANTIATE_TEST_SUITE_P(Mongo, FenceContract,
                         testing::Values(ContractServer{"libmongoc",
                                                        [] { return mongo_server(options_of(test_server_url())); }}),
                         [](const auto& instance) { return instance.param.name; });
INSTANTIATE_TEST_SUITE_P(Mongo, SchemaContract,
                         testing::Values(ContractServer{"libmongoc",
                                                        [] { return mongo_server(options_of(test_server_url())); }}),
                         [](const auto& instance) { return instance.param.name; });
INSTANTIATE_TEST_SUITE_P(Mongo, TransactionContract,
                         testing::Values(ContractServer{"libmongoc",
                                                        [] { return mongo_server(options_of(test_server_url())); }}),
                         [](const auto& instance) { return instance.param.name; });

Error ping_error(const MongoOptions& options) {
  return caught([&] { mongo_server(options)->connect()->command("admin", Document().add("ping", 1)); });
}

// A port that is taken but never answers, or (closed) one that refuses.
class SilentPort {
 public:
  SilentPort() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket_, generic, size) != 0 || listen(socket_, 8) != 0 || getsockname(socket_, generic, &size) != 0)
      throw std::runtime_error("no port to listen on");
    port_ = std::to_string(ntohs(address.sin_port));
  }
  ~SilentPort() { close_port(); }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  void close_port() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }
  const std::string& port() const { return port_; }

 private:
  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string port_;
};

TEST(MongoServer, ARefusingHostIsUnreachableAndNamed) {
  SilentPort port;
  port.close_port();
  const Error error = ping_error(options_of("mongodb://127.0.0.1:" + port.port() + "/"));
  EXPECT_EQ(error.kind(), Kind::unreachable);
  EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:" + port.port()));
  EXPECT_FALSE(error.hint().empty());
}

TEST(MongoServer, WhatEachOfSeveralRefusingHostsSaidIsToldApart) {
  MongoOptions options = options_of("mongodb://127.0.0.1:1,127.0.0.1:2/");
  options.timeout = std::chrono::milliseconds(300);
  const Error error = ping_error(options);
  EXPECT_EQ(error.kind(), Kind::unreachable);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("127.0.0.1:1'; "), HasSubstr("127.0.0.1:2'"), Not(HasSubstr("["))));
}

TEST(MongoServer, ASilentHostIsUnreachableWhenTheTimeIsUp) {
  SilentPort port;
  for (const char* options : {"", "?replicaSet=rs", "?connectTimeoutMS=3600000&serverSelectionTimeoutMS=3600000"}) {
    MongoOptions wanted = options_of("mongodb://127.0.0.1:" + port.port() + "/" + options);
    wanted.timeout = std::chrono::milliseconds(300);
    const Error error = ping_error(wanted);  // an hour's wait would be the test's own end
    EXPECT_EQ(error.kind(), Kind::unreachable) << options;
    EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:" + port.port()));
  }
}

TEST(MongoServer, AReplicaSetOfAnotherNameIsSaidToBeOne) {
  MongoOptions options = options_of(test_server_url() + "?replicaSet=nosuch");
  options.timeout = std::chrono::milliseconds(300);
  const Error error = ping_error(options);
  EXPECT_EQ(error.kind(), Kind::unreachable);
  EXPECT_THAT(error.what(), HasSubstr("no primary of the replica set nosuch answers at 127.0.0.1:"));
  EXPECT_THAT(error.hint(), HasSubstr("replicaSet"));
}

TEST(MongoServer, ANameWithoutAnSrvRecordIsUnreachableAndNothingWasSent) {
  const Error error = ping_error(options_of("mongodb+srv://u:hunter2@db.no-such-name.invalid/"));
  EXPECT_EQ(error.kind(), Kind::unreachable);
  EXPECT_THAT(error.what(), HasSubstr("the DNS tells no servers for db.no-such-name.invalid: "));
  EXPECT_THAT(error.hint(), HasSubstr("mongodb://HOST:PORT/"));
  EXPECT_THAT(everything(error), Not(HasSubstr("hunter2")));
}

TEST(MongoServer, AfterAFailedFirstContactTheSameConnectionFindsAServerThatCameLater) {
  TempFolder folder;
  std::string port;
  {
    SilentPort silent;
    port = silent.port();
  }
  const auto connection = mongo_server(options_of("mongodb://127.0.0.1:" + port + "/"))->connect();
  EXPECT_EQ(caught([&] { connection->command("admin", Document().add("ping", 1)); }).kind(), Kind::unreachable);
  const OwnServer server(folder.path(), {"--port", port});
  EXPECT_EQ(connection->command("admin", Document().add("ping", 1)).integer("ok"), 1);
}

TEST(MongoServer, AServerThatDiesIsUnreachable) {
  TempFolder folder;
  OwnServer server(folder.path());
  const auto connection = mongo_server(options_of(server.url()))->connect();
  connection->command("admin", Document().add("ping", 1));
  server.stop();
  const Error error =
      caught([&] { connection->command("db", Document::from_json(R"({"insert": "c", "documents": [{}]})")); });
  EXPECT_EQ(error.kind(), Kind::unreachable);
  EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:" + server.port()));
}

TEST(MongoServer, ConcernsOfTheUrlHoldWhereTheCommandHasNone) {
  const std::string database = test_database();
  for (const char* concerns :
       {"w=majority&readConcernLevel=majority", "w=0", "readPreference=secondary", "w=1&journal=true&wtimeoutMS=500"}) {
    std::string url = test_server_url();
    url += (url.find('?') == std::string::npos ? "?" : "&") + std::string(concerns);
    const auto connection = mongo_server(options_of(url))->connect();
    for (const char* command :
         {R"({"create": "c"})", R"({"insert": "c", "documents": [{"_id": 1}]})", R"({"count": "c"})",
          R"({"listIndexes": "c"})", R"({"insert": "c", "documents": [{}], "writeConcern": {"w": 1}})",
          R"({"find": "c", "readConcern": {"level": "local"}})",
          R"({"findAndModify": "c", "query": {"_id": 1}, "update": {"$set": {"a": 1}}, "writeConcern": {"w": 1}})",
          R"({"findAndModify": "c", "query": {"_id": 1}, "update": {"$set": {"a": 2}}})",
          R"({"aggregate": "c", "pipeline": [{"$out": "d"}], "cursor": {}})", R"({"listCollections": 1})",
          R"({"dropDatabase": 1})"})
      EXPECT_EQ(connection->command(database, Document::from_json(command)).integer("ok"), 1) << concerns << command;
  }
}

TEST(MongoServer, AWriteConcernThatFailsIsInTheReply) {
  const auto connection = mongo_server(options_of(test_server_url()))->connect();
  const std::string database = test_database();
  // No test server has 40 members. Some refuse that at once, others write and report it.
  for (const char* command :
       {R"({"insert": "c", "documents": [{"_id": 1}], "writeConcern": {"w": 40, "wtimeout": 50}})",
        R"({"findAndModify": "c", "query": {"_id": 1}, "update": {"$set": {"a": 1}},
                                  "writeConcern": {"w": 40, "wtimeout": 50}})"}) {
    try {
      EXPECT_TRUE(connection->command(database, Document::from_json(command)).has("writeConcernError")) << command;
    } catch (const ServerError& error) {
      EXPECT_NE(error.code(), 0) << error.reply().json();
    }
  }
  connection->command(database, Document().add("dropDatabase", 1));
}

class WithUsers : public testing::Test {
 protected:
  static constexpr const char* kPassword = "p@ss:w/rd%25 ?ä";
  void SetUp() override {
    {
      const OwnServer open_server(folder_.path());
      mongo_server(options_of(open_server.url()))
          ->connect()
          ->command("admin", Document()
                                 .add("createUser", "bo%b@x")
                                 .add("pwd", kPassword)
                                 .add_array("roles", std::vector{Document().add("role", "root").add("db", "admin")}));
    }
    server_ = std::make_unique<OwnServer>(folder_.path(), std::vector<std::string>{"--auth"});
  }
  MongoOptions user(const std::string& password) {
    return {.url = server_->url(), .username = "bo%b@x", .password = password};
  }
  TempFolder folder_;
  std::unique_ptr<OwnServer> server_;
};

TEST_F(WithUsers, NameAndPasswordApartFromTheUrlMayHoldAnything) {
  MongoOptions options = user(kPassword);
  EXPECT_EQ(mongo_server(options)->connect()->command("db", Document().add("count", "c")).integer("n"), 0);
  options.url = "mongodb://somebody:else@127.0.0.1:" + server_->port() + "/?authMechanism=SCRAM-SHA-256";
  EXPECT_EQ(mongo_server(options)->connect()->command("db", Document().add("count", "c")).integer("n"), 0);
  options.url = "mongodb://127.0.0.1:" + server_->port() + "/?authMechanism=SCRAM-SHA-256";
  EXPECT_EQ(mongo_server(options)->connect()->command("db", Document().add("count", "c")).integer("n"), 0);
}

TEST_F(WithUsers, AWrongPasswordNamesUserAndHostAndNotThePassword) {
  const Error error = ping_error(user("hunter2"));
  EXPECT_EQ(error.kind(), Kind::authentication);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("bo%b@x"), HasSubstr("127.0.0.1:" + server_->port())));
  EXPECT_THAT(everything(error), Not(HasSubstr("hunter2")));
}

TEST_F(WithUsers, NoUserAtAllIsTheServersRefusal) {
  const Error error =
      caught([&] { mongo_server(options_of(server_->url()))->connect()->command("db", Document().add("count", "c")); });
  EXPECT_EQ(error.field("code"), std::to_string(kUnauthorized));
}

// Who takes the lease over shuts out the sessions that were named; a connection that then used others would not be.
TEST(MongoServer, ATransactionRunsInASessionThatWasNamedBefore) {
  const auto server = mongo_server(options_of(test_server_url()));
  const auto connection = server->connect();
  const std::vector<Document> named = connection->fenceable_sessions();
  connection->begin_transaction({});
  const std::vector<Document> used = connection->fenceable_sessions();
  connection->abort_transaction();
  ASSERT_EQ(named.size(), used.size());
  for (std::size_t i = 0; i < named.size(); ++i) EXPECT_EQ(named[i].json(), used[i].json());
}

// How a killed runner's batch is ended, so that nobody waits for it until the server's own time limit.
TEST(MongoServer, WhoKnowsTheSessionEndsItsTransaction) {
  const auto server = mongo_server(options_of(test_server_url()));
  const auto connection = server->connect();
  const auto other = server->connect();
  const std::string database = test_database();
  const Document insert = Document().add("insert", "c").add_array("documents", std::vector<Document>{Document()});
  connection->command(database, insert);
  const Document session = connection->session_id();
  connection->begin_transaction({});
  connection->command(database, insert);
  other->command("admin", Document().add_array("killSessions", std::vector<Document>{session}));
  EXPECT_THROW(connection->commit_transaction(), ServerError);
  const Document found = other->command(database, Document().add("count", "c"));
  other->command(database, Document().add("dropDatabase", 1));
  EXPECT_EQ(found.integer("n"), 1);
}

TEST(MongoServer, AForkedChildGetsAConnectionOfItsOwn) {
  const auto server = mongo_server(options_of(test_server_url()));
  auto connection = server->connect();
  const std::string database = test_database();
  connection->command(database, Document::from_json(R"({"insert": "c", "documents": [{"_id": 1}]})"));
  const pid_t child = fork();
  if (child == 0) {
    const Document reply = connection->command(database, Document().add("count", "c"));
    connection.reset();
    _exit(reply.integer("n") == 1 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(connection->command(database, Document().add("count", "c")).integer("n"), 1);
  connection->command(database, Document().add("dropDatabase", 1));
}

TEST(MongoUrl, AWrongUrlIsAConfigErrorWithoutSecrets) {
  for (const char* url : {"", "localhost:27017", "http://u:hunter2@h/", "mongodb://", "mongodb://u:hunter2@h:port/",
                          "mongodb://u:hunter2/x@h/", "mongodb://u:hunter2@x@h/", "mongodb://u:hunter2:x@h/",
                          "mongodb://u:hunter2%@h/", "mongodb://u:hunter2%zz@h/?tls=true",
                          "mongodb://u:hunter2@h/?tls=hunter2&tlsCertificateKeyFilePassword=hunter2",
                          "mongodb://h:1,h2:2/?directConnection=true",
                          "mongodb://u:x@h:99999/?authMechanismProperties=AWS_SESSION_TOKEN:hunter2",
                          "mongodb+srv://u:hunter2@host:1/"}) {
    const Error error = caught([&] { mongo_server(options_of(url)); });
    EXPECT_EQ(error.kind(), Kind::config) << url;
    EXPECT_THAT(error.what(), HasSubstr("the URL")) << url;
    EXPECT_THAT(everything(error), Not(HasSubstr("hunter2"))) << url;
  }
}

TEST(MongoUrl, AnUnescapedPasswordIsSaidToBeOne) {
  const Error error = caught([&] { mongo_server(options_of("mongodb://u:hunter2/b@h/")); });
  EXPECT_THAT(everything(error), AllOf(HasSubstr("percent-encoded"), Not(HasSubstr("hunter2"))));
}

TEST(MongoUrl, TheHintFitsWhatIsWrong) {
  for (const auto& [url, hint] : std::vector<std::pair<std::string, std::string>>{
           {"mongodb://u:hunter2@h:99999/", "ports from 1 to 65535"},
           {"mongodb://u:hunter2@[::1/", "in brackets"},
           {"mongodb+srv://u:hunter2@host/", "three parts"},
           {"mongodb+srv://u:hunter2@a.example.net:1/", "Leave the port out"},
           {"mongodb://h/?tls=perhaps", "OPTION=VALUE"},
           {"mongodb://h/?authMechanism=SCRAM-SHA-256", "Set username"},
           {"mongodb://u:hunter2@h/?authMechanism=scram-sha-265", "Did you mean SCRAM-SHA-256?"},
           {"mongodb://u:hunter2@h/?authMechanism=kerberos", "the server's own choice"}}) {
    const Error error = caught([&, &wrong = url] { mongo_server(options_of(wrong)); });
    EXPECT_EQ(error.kind(), Kind::config) << url;
    EXPECT_THAT(error.hint(), HasSubstr(hint)) << url;
    EXPECT_THAT(everything(error), Not(HasSubstr("hunter2"))) << url;
  }
  EXPECT_NO_THROW(mongo_server(options_of("mongodb://u:p@h/?authMechanism=scram-sha-256")));
}

TEST(MongoUrl, APasswordWithoutAUserIsRefused) {
  MongoOptions options = options_of("mongodb://h/");
  options.password = "hunter2";
  const Error error = caught([&] { mongo_server(options); });
  EXPECT_EQ(error.kind(), Kind::config);
  EXPECT_THAT(everything(error), Not(HasSubstr("hunter2")));
}

TEST(MongoUrl, HostsOfAUrl) {
  EXPECT_EQ(mongo_server(options_of("mongodb://u:p@a:1,b/db"))->hosts(), "a:1,b:27017");
  EXPECT_EQ(mongo_server(options_of("mongodb+srv://u:p@cluster.example.org/"))->hosts(), "cluster.example.org");
}

TEST(MongoUrl, ALongIndexBuildIsNotCutOff) {
  const auto uri = read_mongo_url(options_of("mongodb://h/"));
  EXPECT_EQ(mongoc_uri_get_option_as_int32(uri.get(), MONGOC_URI_SOCKETTIMEOUTMS, 0), INT32_MAX);
  EXPECT_STREQ(mongoc_uri_get_appname(uri.get()), "treering");
}

TEST(MongoUrl, RedactsWhatCouldBeASecret) {
  EXPECT_EQ(redact_url("mongodb://u:p@h:1/db"), "mongodb://***@h:1/db");
  EXPECT_EQ(redact_url("mongodb://u:p@x/y?z@h/"), "mongodb://***@h/");
  EXPECT_EQ(redact_url("mongodb://h/?tlsCertificateKeyFilePassword=p"), "mongodb://h/?...");
  EXPECT_EQ(redact_url("mongodb://h/"), "mongodb://h/");
  EXPECT_EQ(redact_url("u:p@h"), "***@h");
}

TEST(CommandRoute, FollowsWhatTheCommandDoes) {
  const auto route = [](const char* command) { return route_of(Document::from_json(command)).route; };
  EXPECT_EQ(route(R"({"find": "c"})"), Route::read);
  EXPECT_EQ(route(R"({"aggregate": "c", "pipeline": [{"$match": {}}]})"), Route::read);
  EXPECT_EQ(route(R"({"aggregate": "c", "pipeline": [{"$match": {}}, {"$out": "d"}]})"), Route::raw);
  EXPECT_EQ(route(R"({"aggregate": "c", "pipeline": [{"$merge": {"into": "d"}}]})"), Route::raw);
  EXPECT_EQ(route(R"({"getMore": 1, "collection": "c"})"), Route::raw);  // a second one would skip documents
  EXPECT_EQ(route(R"({"insert": "c"})"), Route::raw);
}

TEST(CommandRoute, KnowsTheWritesThatTheServerCanKnowAgain) {
  const auto retryable = [](const char* command) { return route_of(Document::from_json(command)).retryable_write; };
  EXPECT_TRUE(retryable(R"({"insert": "c", "documents": [{}, {}]})"));
  EXPECT_TRUE(retryable(R"({"findAndModify": "c"})"));
  EXPECT_TRUE(retryable(R"({"update": "c", "updates": [{"q": {}, "u": {}}, {"q": {}, "u": {}, "multi": false}]})"));
  EXPECT_FALSE(retryable(R"({"update": "c", "updates": [{"q": {}, "u": {}}, {"q": {}, "u": {}, "multi": true}]})"));
  EXPECT_TRUE(retryable(R"({"delete": "c", "deletes": [{"q": {}, "limit": 1}]})"));
  EXPECT_FALSE(retryable(R"({"delete": "c", "deletes": [{"q": {}, "limit": 1}, {"q": {}, "limit": 0}]})"));
  EXPECT_FALSE(retryable(R"({"insert": "c", "documents": [{}], "writeConcern": {"w": 0}})"));
  EXPECT_TRUE(retryable(R"({"insert": "c", "documents": [{}], "writeConcern": {"w": "majority"}})"));
  EXPECT_FALSE(retryable(R"({"findAndModify": "c", "txnNumber": 5})"));
  EXPECT_FALSE(retryable(R"({"create": "c"})"));
  EXPECT_FALSE(retryable(R"({"find": "c"})"));
}

}  // namespace
}  // namespace treering
