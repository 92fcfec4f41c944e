// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/post_write_hooks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treering/disk/disk_test_support.h"

namespace treering {
namespace {

using testing::ElementsAre;

class PostWriteHooks : public testing::Test {
 protected:
  std::vector<std::string> run(const std::vector<std::string>& hooks) {
    testing::internal::CaptureStderr();
    auto lines = run_post_write_hooks(hooks, folder_.path(), folder_.path("it's a \"file\" $HOME.py"));
    printed_ = testing::internal::GetCapturedStderr();
    return lines;
  }

  TemporaryFolder folder_;
  std::string printed_;
};

TEST_F(PostWriteHooks, RunInOrderInTheRootOnTheFile) {
  folder_.write("it's a \"file\" $HOME.py", "x = 1\n");
  EXPECT_THAT(run({"sed -i s/x/y/", "cp REVISION_SCRIPT_FILENAME copy && cat REVISION_SCRIPT_FILENAME >> copy"}),
              ElementsAre("Running post write hook 'sed -i s/x/y/' ... done",
                          "Running post write hook 'cp REVISION_SCRIPT_FILENAME copy && cat REVISION_SCRIPT_FILENAME "
                          ">> copy' ... done"));
  EXPECT_EQ(folder_.read("copy"), "y = 1\ny = 1\n");
  EXPECT_EQ(printed_, "");
}

TEST_F(PostWriteHooks, SayHowTheyFailedAndTheNextOnesRun) {
  EXPECT_THAT(run({"echo 1 file reformatted; echo 'no such rule' >&2; exit 3 #", "false", "kill -9 $$ #", "true"}),
              ElementsAre("Running post write hook 'echo 1 file reformatted; echo 'no such rule' >&2; exit 3 #' ... "
                          "failed (exit 3): no such rule",
                          "Running post write hook 'false' ... failed (exit 1)",
                          "Running post write hook 'kill -9 $$ #' ... failed (signal 9)",
                          "Running post write hook 'true' ... done"));
  EXPECT_EQ(printed_, "1 file reformatted\nno such rule\n");
  EXPECT_THAT(run({"no-such-program"}), ElementsAre(testing::ContainsRegex("failed \\(exit 127\\): .*not found")));
}

TEST_F(PostWriteHooks, AreNotWaitedForByWhatTheyLeaveRunning) {
  // The daemon outlives the test where it is waited for, and the test then hangs until its time is up.
  EXPECT_THAT(run({"(sleep 600 & echo $! > pid) #"}), ElementsAre(testing::EndsWith("done")));
  std::system(("kill " + folder_.read("pid")).c_str());
}

TEST_F(PostWriteHooks, SayWhyNothingCouldBeStarted) {
  const auto lines = run_post_write_hooks({"true"}, folder_.path("none"), "x");
  EXPECT_THAT(lines, ElementsAre("Running post write hook 'true' ... failed: No such file or directory"));
}

}  // namespace
}  // namespace treering
