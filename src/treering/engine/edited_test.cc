// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/edited.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/engine_world.h"
#include "treering/engine/migrate.h"

namespace treering {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class EditedTest : public testing::Test, public World {
 protected:
  void SetUp() override {
    line(3);
    upgrade(me.project, "r2");
  }
  void append(const std::string& id, const std::string& text) {
    files.write(paths.at(id), files.read(paths.at(id)) + text);
  }

  Runner me{server, files, "here"};
};

TEST_F(EditedTest, NothingIsEditedAfterAnUpgrade) { EXPECT_THAT(edited_revisions(me.project), IsEmpty()); }

TEST_F(EditedTest, CommentsAndBlankLinesDoNotCount) {
  append("r1", "\n\n# a note\n");
  EXPECT_THAT(edited_revisions(me.project), IsEmpty());
}

TEST_F(EditedTest, CodeCountsAndOnlyWhatIsApplied) {
  append("r3", "x = 1\n");
  append("r2", "x = 1\n");
  append("r1", "x = '# 1'\n");
  EXPECT_THAT(edited_revisions(me.project), ElementsAre("r1", "r2"));
}

TEST_F(EditedTest, AFileThatIsGoneIsNoEditedOne) {
  append("r2", "x = 1\n");
  remove_file("r2");
  remove_file("r3");
  EXPECT_THAT(edited_revisions(me.project), IsEmpty());
}

TEST_F(EditedTest, AnUpgradeGoesOnAndSaysSo) {
  append("r1", "x = 1\n");
  EXPECT_EQ(upgrade(me.project, "head").done.size(), 1U);
  EXPECT_THAT(me.heard.notes, Contains(HasSubstr("was edited after it was applied")));
}

TEST_F(EditedTest, ADowngradeSaysWhichOfItsFilesAreNotAsTheyWere) {
  append("r1", "x = 1\n");
  append("r2", "x = 1\n");
  downgrade(me.project, "-1");
  EXPECT_THAT(me.heard.notes,
              ElementsAre(AllOf(HasSubstr(paths.at("r2")), HasSubstr("reverted by the downgrade that it has now"))));
}

}  // namespace
}  // namespace treering
