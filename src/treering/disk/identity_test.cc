// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/identity.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace treering {
namespace {

TEST(Identity, NamesThisProcess) {
  const Holder me = this_process();
  EXPECT_EQ(me.pid, ::getpid());
  EXPECT_FALSE(me.host.empty());
  EXPECT_FALSE(me.user.empty());
  EXPECT_EQ(me.run.size(), 16u);
  EXPECT_EQ(me.run.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(me.run, this_process().run);
}

}  // namespace
}  // namespace treering
