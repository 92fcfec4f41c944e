// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/project_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "treering/base/error.h"
#include "treering/disk/disk_files.h"
#include "treering/disk/disk_test_support.h"

namespace treering {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::string refusal(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::file);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

class ProjectFilesTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  ProjectFiles files_{folder_.path(), "migrations/snapshots"};
};

TEST_F(ProjectFilesTest, KeepsOneSnapshotARevision) {
  EXPECT_THAT(files_.snapshots(), ElementsAre());
  EXPECT_EQ(files_.create_snapshot("20241210", "{}"), "migrations/snapshots/20241210.json");
  files_.create_snapshot("abc.def", "1");
  EXPECT_EQ(files_.create_snapshot("abc.def", "2"), files_.snapshot_path("abc.def"));
  folder_.write("migrations/snapshots/.json", "");
  folder_.write("migrations/snapshots/notes.txt", "");
  EXPECT_THAT(files_.snapshots(), UnorderedElementsAre("20241210", "abc.def"));
  EXPECT_EQ(folder_.read("migrations/snapshots/abc.def.json"), "2");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path("migrations/snapshots")), {}), 4)
      << "nothing else is left behind";
  for (const char* id : {"../x", "a/b", "a\\b"})
    EXPECT_THAT(refusal([&] { files_.create_snapshot(id, ""); }), HasSubstr("no file can be named after"));
}

TEST_F(ProjectFilesTest, ShowsSnapshotsRelativeToTheRoot) {
  EXPECT_EQ(ProjectFiles(folder_.path(), folder_.path("kept")).snapshot_path("a"), "kept/a.json");
  EXPECT_EQ(ProjectFiles(folder_.path(), ".").snapshot_path("a"), "a.json");
  EXPECT_EQ(ProjectFiles(folder_.path("in"), folder_.path("kept")).snapshot_path("a"), folder_.path("kept/a.json"));
}

TEST_F(ProjectFilesTest, SaysWhyThereAreNoSnapshots) {
  folder_.write("migrations/snapshots", "a file");
  EXPECT_THAT(refusal([&] { files_.snapshots(); }), HasSubstr("migrations/snapshots: Not a directory"));
  EXPECT_THAT(refusal([&] { files_.create_snapshot("a", ""); }), HasSubstr("migrations/snapshots/a.json"));
}

TEST_F(ProjectFilesTest, WritesOverWhatIsThere) {
  EXPECT_FALSE(files_.exists("app/models.py"));
  files_.write("app/models.py", "one");
  EXPECT_TRUE(files_.exists("app/models.py"));
  ASSERT_EQ(::chmod(folder_.path("app/models.py").c_str(), 0750), 0);
  std::filesystem::create_symlink("models.py", folder_.path("app/link.py"));
  files_.write("app/link.py", "two");
  EXPECT_EQ(folder_.read("app/models.py"), "two") << "what the link leads to";
  struct stat status{};
  ASSERT_EQ(::stat(folder_.path("app/models.py").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0750u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path("app")), {}), 2);
}

TEST_F(ProjectFilesTest, RemovesFilesOnly) {
  files_.write("a/b.py", "");
  files_.remove("a/b.py");
  EXPECT_FALSE(files_.exists("a/b.py"));
  files_.remove("a/b.py");
  files_.remove("none/b.py");
  EXPECT_THAT(refusal([&] { files_.remove("a"); }), HasSubstr("can't remove a: Is a directory"));
  EXPECT_THAT(refusal([&] { files_.write("a", ""); }), HasSubstr("can't write a: Is a directory"));
  EXPECT_THAT(refusal([&] { files_.write("", ""); }), HasSubstr("no path"));
  EXPECT_TRUE(folder_.has("a"));
}

TEST_F(ProjectFilesTest, AreReachedThroughThePort) {
  folder_.write("db/v/x", "");
  const auto files = disk_files(folder_.path(), {"db/v"}, {"db/kept", {"cat"}});
  files->write("db/v/1.py", "text\n");
  EXPECT_EQ(files->create_snapshot("1", "{}"), "db/kept/1.json");
  EXPECT_EQ(files->snapshot_path("2"), "db/kept/2.json");
  EXPECT_THAT(files->snapshots(), ElementsAre("1"));
  testing::internal::CaptureStderr();
  EXPECT_THAT(files->run_post_write_hooks("db/v/1.py"), ElementsAre("Running post write hook 'cat' ... done"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "text\n");
  files->remove("db/v/1.py");
  EXPECT_FALSE(files->exists("db/v/1.py"));
}

}  // namespace
}  // namespace treering
