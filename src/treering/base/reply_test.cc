// SPDX-License-Identifier: Apache-2.0
#include "treering/base/reply.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace treering {
namespace {

// Replies in the form that servers give them.
constexpr const char* kRefused = R"({"ok": 0, "code": 26, "codeName": "NamespaceNotFound", "errmsg": "ns not found"})";
constexpr const char* kDuplicate =
    R"({"ok": 1, "n": 0, "writeErrors": [{"index": 0, "code": 11000, "errmsg": "E11000 duplicate key"}]})";
constexpr const char* kConcern =
    R"({"ok": 1, "n": 1, "writeConcernError": {"code": 64, "codeName": "WriteConcernTimeout", "errmsg": "waiting"}})";

TEST(Reply, TellsWhatTheServerRefused) {
  const ServerError error(Document::from_json(kRefused));
  EXPECT_EQ(error.kind(), Kind::server);
  EXPECT_STREQ(error.what(), "ns not found");
  EXPECT_EQ(error.code(), kNamespaceNotFound);
  EXPECT_EQ(error.field("code"), "26");
  EXPECT_EQ(error.field("code_name"), "NamespaceNotFound");
  EXPECT_EQ(error.reply(), Document::from_json(kRefused));
}

TEST(Reply, TellsARefusedUserFromOtherErrors) {
  EXPECT_EQ(ServerError(Document::from_json(R"({"ok": 0, "code": 18})")).kind(), Kind::authentication);
  EXPECT_EQ(ServerError(Document::from_json(R"({"ok": 0, "code": 8000})")).kind(), Kind::authentication);
  EXPECT_EQ(ServerError(Document::from_json(R"({"ok": 0, "code": 13})")).kind(), Kind::server);
}

// The server's words as they come, and what of them is told.
TEST(Reply, ShortensTheCommandThatTheUserMayNotRunAndSaysWhatGrantsIt) {
  const auto refused = [](int code, const std::string& words) {
    return ServerError(Document().add("ok", 0).add("code", code).add("errmsg", words));
  };
  for (
      const auto& [words, told] : std::vector<std::pair<std::string, std::string>>{
          {R"(not authorized on shop to execute command { insert: "users", documents: [ { a: "}, {" } ], $db: "shop" })",
           R"(not authorized on shop to execute command { insert: "users", ... })"},
          {R"(not authorized on admin to execute command { renameCollection: "shop.a", to: "shop.b" })",
           R"(not authorized on admin to execute command { renameCollection: "shop.a", ... })"},
          {"not authorized on shop to execute command { ping: 1 }",
           "not authorized on shop to execute command { ping: 1 }"},
          {"not authorized on shop to execute command insert", "not authorized on shop to execute command insert"}}) {
    const ServerError error = refused(kUnauthorized, words);
    EXPECT_EQ(error.what(), told);
    EXPECT_NE(error.hint().find("treering doctor"), std::string::npos) << words;
    EXPECT_EQ(error.reply().string("errmsg"), words) << "as it came";
  }
  const std::string other = R"(no room for command { insert: "users", documents: [ 1 ] })";
  EXPECT_EQ(refused(1, other).what(), other);
  for (const char* words : {"command find requires authentication", "renameCollection may only be run against admin"})
    EXPECT_EQ(refused(kUnauthorized, words).hint(), "") << words;
}

TEST(Reply, FindsTheWriteErrorInAReplyThatIsOk) {
  try {
    require_written(Document::from_json(kDuplicate));
    FAIL() << "nothing thrown";
  } catch (const ServerError& error) {
    EXPECT_EQ(error.code(), kDuplicateKey);
    EXPECT_STREQ(error.what(), "E11000 duplicate key");
  }
  try {
    require_written(Document::from_json(kConcern));
    FAIL() << "nothing thrown";
  } catch (const ServerError& error) {
    EXPECT_EQ(error.field("code_name"), "WriteConcernTimeout");
  }
}

TEST(Reply, IsContentWithAnyOtherReply) {
  EXPECT_NO_THROW(require_written(Document::from_json(R"({"ok": 1, "n": 3, "writeErrors": []})")));
  EXPECT_NO_THROW(require_written(Document()));
}

TEST(Reply, CopesWithAReplyThatGivesNoReason) {
  const ServerError error{Document()};
  EXPECT_EQ(error.code(), 0);
  EXPECT_STRNE(error.what(), "");
}

TEST(Reply, HasTheLabelsOfTheServerAndOfTheDriver) {
  const ServerError refused(
      Document::from_json(R"({"ok": 0, "code": 112, "errorLabels": ["TransientTransactionError"]})"));
  EXPECT_TRUE(has_label(static_cast<const Error&>(refused), kTransient));
  EXPECT_FALSE(refused.has_label(kUnknownCommit));
  Error lost(Kind::unreachable, "the connection broke");
  EXPECT_FALSE(has_label(lost, kUnknownCommit));
  lost.with("error_labels", "RetryableWriteError,UnknownTransactionCommitResult");
  EXPECT_TRUE(has_label(lost, kUnknownCommit));
  EXPECT_FALSE(has_label(lost, "RetryableWrite")) << "a whole label, not its start";
  add_label(lost, kTransient);
  EXPECT_TRUE(has_label(lost, kTransient));
  EXPECT_TRUE(has_label(lost, kUnknownCommit));
  ServerError labelled = refused;
  add_label(labelled, kUnknownCommit);
  EXPECT_TRUE(has_label(labelled, kUnknownCommit));
}

}  // namespace
}  // namespace treering
