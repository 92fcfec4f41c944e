// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/absolute_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "treering/base/error.h"
#include "treering/disk/config.h"
#include "treering/disk/config_file.h"
#include "treering/disk/disk_test_support.h"
#include "treering/disk/templates.h"

namespace treering {
namespace {

namespace fs = std::filesystem;

// Works in a folder that is gone.
class WorkingDirectoryGone : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder_.path("gone"));
    fs::current_path(folder_.path("gone"));
    fs::remove(folder_.path("gone"));
  }
  void TearDown() override { fs::current_path(before_); }

  TemporaryFolder folder_;
  const fs::path before_ = fs::current_path();
};

TEST_F(WorkingDirectoryGone, IsAnErrorOfWhoeverNeedsIt) {
  const std::vector<std::function<void()>> needy{
      [] { find_config_file(""); }, [] { find_config_file("folder"); }, [] { read_config_file("treering.toml"); },
      [] { scaffold("", Template::python); }, [] { scaffold("folder", Template::python); }};
  for (const auto& action : needy) {
    try {
      action();
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::config);
      EXPECT_STREQ(error.what(), "the working directory is gone");
      EXPECT_EQ(error.hint(), "cd to one that exists");
    }
  }
}

TEST_F(WorkingDirectoryGone, MattersNotWhereThePathIsWhole) {
  folder_.write("treering.toml", "url = \"mongodb://h/app\"\n");
  EXPECT_EQ(read_config_file(folder_.path("treering.toml")).shown, folder_.path("treering.toml"));
  EXPECT_EQ(find_config_file(folder_.path("sub")).path, folder_.path("treering.toml"));
  EXPECT_FALSE(scaffold(folder_.path("new"), Template::python).empty());
}

TEST(AbsolutePath, IsWhole) {
  EXPECT_EQ(absolute_path("/a/./b/../c"), "/a/c");
  EXPECT_EQ(fs::path(absolute_path("x")), fs::current_path() / "x");
  EXPECT_TRUE(fs::equivalent(absolute_path(""), "."));
}

}  // namespace
}  // namespace treering
