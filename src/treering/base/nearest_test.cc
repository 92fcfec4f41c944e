// SPDX-License-Identifier: Apache-2.0
#include "treering/base/nearest.h"

#include <gtest/gtest.h>

namespace treering {
namespace {

const std::vector<std::string> kWords{"upgrade", "downgrade", "current", "history", "heads", "log"};

TEST(Nearest, FindsSlips) {
  EXPECT_EQ(nearest("upgarde", kWords), "upgrade");
  EXPECT_EQ(nearest("hsitory", kWords), "history");
  EXPECT_EQ(nearest("head", kWords), "heads");
  EXPECT_EQ(nearest("down", kWords), "downgrade");
}

TEST(Nearest, FindsNothingFarAway) {
  EXPECT_EQ(nearest("migrate", kWords), "");
  EXPECT_EQ(nearest("", kWords), "");
  EXPECT_EQ(nearest(std::string(5000, 'x'), kWords), "");
}

}  // namespace
}  // namespace treering
