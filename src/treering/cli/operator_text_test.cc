// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/operator_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treering/base/error.h"
#include "treering/cli/numbers.h"

namespace treering {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TrashLine, IsHarmlessAndSaysWhatIsNotKnown) {
  const std::string line = trash_line({{"treering_trash.1", "us\x1b[2Jers", 0, "r1", Direction::downgrade}, {}, 1});
  EXPECT_THAT(line, HasSubstr("us\\x1b[2Jers"));
  EXPECT_THAT(line, HasSubstr("by the downgrade of r1, ?, 1 B\n  treering_trash.1"));
}

TEST(DiagnosisText, HasItsRemedyBelow) {
  EXPECT_THAT(diagnosis_text({Health::problem, "server", "a\x1b", "b"}), HasSubstr("a\\x1b\n         b"));
  EXPECT_THAT(diagnosis_text({Health::ok, "server", "fine", ""}), Not(HasSubstr("\n")));
}

TEST(AgeFrom, DaysHoursOrAll) {
  EXPECT_EQ(age_from("--older-than", "2d"), std::chrono::hours(48));
  EXPECT_EQ(age_from("--older-than", "0h"), std::chrono::hours(0));
  EXPECT_EQ(age_from("--older-than", "all"), std::nullopt);
  for (const char* text : {"", "d", "2", "2m", "-1d", "1.5d", "9999999999d", "1000001h", "2dd", " 2d"})
    EXPECT_THROW(age_from("--older-than", text), Error) << text;
}

}  // namespace
}  // namespace treering
