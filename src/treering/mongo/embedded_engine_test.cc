// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/embedded_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "test_server.h"
#include "treering/base/error.h"

namespace treering {
namespace {

using testing::HasSubstr;

class EmbeddedEngineSearch : public testing::Test {
 protected:
  std::string put(const std::string& name) {
    const std::filesystem::path program = folder_ / name;
    std::filesystem::create_directories(program.parent_path());
    std::ofstream(program) << "#!/bin/sh\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return program.string();
  }
  Error error(const std::string& made_by = "") {
    try {
      ADD_FAILURE() << "found " << find_engine(search_, made_by).program;
    } catch (const Error& error) {
      return error;
    }
    return Error(Kind::usage, "");
  }
  TempFolder folder_;
  EngineSearch search_{.path = {"", folder_ / "bin", folder_ / "bin2"},
                       .cache = folder_ / "cache",
                       .beside = {folder_ / "venv"},
                       .chosen = ""};
};

TEST_F(EmbeddedEngineSearch, NoneSaysWhatToInstall) {
  EXPECT_EQ(error().kind(), Kind::unreachable);
  EXPECT_THAT(error().hint(), testing::AllOf(HasSubstr("mongod"), HasSubstr("secantus-mdb"), HasSubstr("SecantusDB")));
}

TEST_F(EmbeddedEngineSearch, TheBestThatIsThereWins) {
  const std::string preview = put("venv/secantusd-py");
  EXPECT_EQ(find_engine(search_, "").program, preview);
  const std::string cached = put("cache/treering/secantus-0.5.3-beta.196/bin/secantusd-rs");
  EXPECT_EQ(find_engine(search_, "").program, cached);
  const std::string rust = put("bin2/secantusd-rs");
  EXPECT_EQ(find_engine(search_, "").program, rust);
  const std::string mongod = put("bin/mongod");
  EXPECT_EQ(find_engine(search_, "").program, mongod);
  EXPECT_EQ(find_engine(search_, "").name, "mongod");
}

TEST_F(EmbeddedEngineSearch, TheEngineOfTheDataIsKeptTo) {
  put("bin/mongod");
  EXPECT_THAT(error("secantusd-rs").what(), HasSubstr("secantusd-rs"));
  const std::string rust = put("bin/secantusd-rs");
  EXPECT_EQ(find_engine(search_, "secantusd-rs").program, rust);
}

TEST_F(EmbeddedEngineSearch, AChosenOneWins) {
  put("bin/mongod");
  const std::string preview = put("venv/secantusd-py");
  search_.chosen = "secantusd-py";
  EXPECT_EQ(find_engine(search_, "mongod").program, preview);
  search_.chosen = put("elsewhere/mongod-7.0");
  EXPECT_EQ(find_engine(search_, "").program, search_.chosen);
  EXPECT_EQ(find_engine(search_, "").name, "mongod");
  search_.chosen = "/nowhere/mongod";
  EXPECT_EQ(error().kind(), Kind::unreachable);
  search_.chosen = "postgres";
  EXPECT_EQ(error().kind(), Kind::config);
}

TEST_F(EmbeddedEngineSearch, AFolderOrAFileThatCannotRunIsNoProgram) {
  std::filesystem::create_directories(folder_ / "bin/mongod");
  std::filesystem::create_directories(folder_ / "bin2");
  std::ofstream(folder_ / "bin2/mongod") << "text";
  EXPECT_EQ(error().kind(), Kind::unreachable);
}

TEST(EmbeddedEngine, OnlyThePreviewIsWarnedOf) {
  EXPECT_EQ(engine_warning("mongod"), "");
  EXPECT_EQ(engine_warning("secantusd-rs"), "");
  EXPECT_THAT(engine_warning("secantusd-py"), HasSubstr("wrongly"));
}

}  // namespace
}  // namespace treering
