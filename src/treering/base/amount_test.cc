// SPDX-License-Identifier: Apache-2.0
#include "treering/base/amount.h"

#include <gtest/gtest.h>

namespace treering {
namespace {

TEST(Counted, KnowsPlurals) {
  EXPECT_EQ(counted(1, "index"), "1 index");
  EXPECT_EQ(counted(2, "index"), "2 indexes");
  EXPECT_EQ(counted(0, "document"), "0 documents");
}

TEST(SizeText, HasOneDigitAfterThePoint) {
  EXPECT_EQ(size_text(999), "999 B");
  EXPECT_EQ(size_text(1000), "1.0 kB");
  EXPECT_EQ(size_text(12345678), "12.3 MB");
  EXPECT_EQ(size_text(4000000000000000), "4000.0 TB");
}

}  // namespace
}  // namespace treering
