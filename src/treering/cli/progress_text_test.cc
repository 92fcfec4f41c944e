// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/progress_text.h"

#include <gtest/gtest.h>

namespace treering {
namespace {

TEST(ProgressText, ShowsABarWithRateAndWhatIsLeft) {
  EXPECT_EQ(progress_line({"backfill users", 40000, 100000, 4000000, false}, 200),
            "backfill users  [########------------]  40%  40,000 of 100,000 documents  10,000/s  6.0 s left");
  EXPECT_EQ(progress_line({"backfill users", 100001, 100000, 10000000, false}, 200),
            "backfill users  [####################]  100%  100,000 of 100,000 documents  10,000/s  0.0 s left");
  EXPECT_EQ(progress_line({"backfill users", 0, 10, 2000000, false}, 200),
            "backfill users  [--------------------]  0%  0 of 10 documents  0/s");
}

TEST(ProgressText, LeavesTheBarOutWhereThereIsNoRoomForIt) {
  EXPECT_EQ(progress_line({"backfill users", 40000, 100000, 4000000, false}, 80),
            "backfill users  40%  40,000 of 100,000 documents  10,000/s  6.0 s left");
}

TEST(ProgressText, DoesWithoutATotal) {
  EXPECT_EQ(progress_line({"reading users", 1234567, {}, 2000000, false}, 200),
            "reading users  1,234,567 documents  617,283/s");
  EXPECT_EQ(progress_line({"reading users", 1, 0, 2000000, false}, 200), "reading users  1 document  0/s");
}

TEST(ProgressText, ShowsTheTimeWhereNothingElseIsKnown) {
  EXPECT_EQ(progress_line({"index users.email_1", 0, {}, 2000000, false}, 200), "index users.email_1  2.0 s");
  EXPECT_EQ(progress_line({"index users.email_1", 0, {}, 2000000, true}, 200), "index users.email_1  took 2.0 s");
}

TEST(ProgressText, SaysHowLongItTook) {
  EXPECT_EQ(progress_line({"backfill users", 100000, 100000, 8040000, true}, 200),
            "backfill users  100,000 documents in 8.0 s");
}

}  // namespace
}  // namespace treering
