// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/outage.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace treering {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

Outage::Moment now() { return Outage::Moment::clock::now(); }

TEST(Outage, WithoutPatienceNobodyWaits) { EXPECT_FALSE(Outage(milliseconds(0)).wait(now())); }

TEST(Outage, ACommandHasNoMorePatienceThanItsOwn) {
  Outage outage(hours(1));
  EXPECT_TRUE(outage.wait(now()));
  EXPECT_FALSE(outage.wait(now() - hours(2))) << "others get through, and this one never does";
}

TEST(Outage, AServerThatIsGoneForGoodCostsPatienceOnce) {
  Outage outage(milliseconds(250));
  const Outage::Moment began = now();
  while (outage.wait(began)) continue;
  EXPECT_FALSE(outage.wait(now())) << "the next command doesn't begin anew";
  outage.over();
  EXPECT_TRUE(outage.wait(now()));
}

TEST(Outage, WhoeverEndsAWaitEndsAllOfThem) {
  std::vector<milliseconds> told;
  Outage outage(hours(1), [&](milliseconds away) {
    told.push_back(away);
    if (told.size() == 2) throw std::runtime_error("stop");
  });
  const Outage::Moment began = now();
  EXPECT_TRUE(outage.wait(began));
  EXPECT_THROW(outage.wait(began), std::runtime_error);
  EXPECT_FALSE(outage.wait(now()));
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0], milliseconds(0));
  EXPECT_GE(told[1], milliseconds(100));
}

}  // namespace
}  // namespace treering
