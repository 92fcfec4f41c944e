// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/disk_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <sstream>
#include <thread>

#include "caught.h"
#include "treering/base/error.h"
#include "treering/disk/disk_test_support.h"

namespace treering {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::vector<std::string> paths(const std::vector<RevisionFile>& files) {
  std::vector<std::string> result;
  for (const RevisionFile& file : files) result.push_back(file.path);
  return result;
}

TEST(DiskFiles, ListsWhatMayBeARevision) {
  const TemporaryFolder folder;
  for (const char* name : {"v/1_a.py", "v/b.py", "v/__init__.py", "v/.hidden.py", "v/.py", "v/notes.txt", "v/c.pyc",
                           "v/dir.py/x", "v/__pycache__/1_a.py", "w/2.py"})
    folder.write(name, "");
  EXPECT_THAT(paths(disk_files(folder.path(), {"v", "w"})->list()),
              UnorderedElementsAre("v/1_a.py", "v/b.py", "w/2.py"));
  EXPECT_THAT(paths(disk_files(folder.path("v"), {"."})->list()), UnorderedElementsAre("1_a.py", "b.py"));
  EXPECT_THAT(paths(disk_files(folder.path("v"), {folder.path("w")})->list()),
              UnorderedElementsAre(folder.path("w/2.py")));
  EXPECT_THAT(paths(disk_files(folder.path("v"), {folder.path("v")})->list()), UnorderedElementsAre("1_a.py", "b.py"));
}

TEST(DiskFiles, NeedsEveryFolder) {
  const TemporaryFolder folder;
  folder.write("v/1.py", "");
  folder.write("file", "");
  for (const char* missing : {"none", "file"}) {
    const auto files = disk_files(folder.path(), {"v", missing});
    const Error error = caught([&] { files->list(); });
    EXPECT_EQ(error.kind(), Kind::config);
    EXPECT_THAT(error.what(), HasSubstr(missing));
    EXPECT_THAT(error.hint(), HasSubstr("treering init"));
  }
  EXPECT_EQ(caught([&] { disk_files(folder.path(), {"none"})->create("1.py", ""); }).kind(), Kind::config);
}

// Gathered beside the caller where the folder is large; the same either way.
TEST(DiskFiles, GathersTheNamesThatItLists) {
  const TemporaryFolder folder;
  folder.write("small/1_a.py", "");
  folder.write("small/notes.txt", "");
  for (int i = 0; i < 1500; ++i)
    folder.write("large/2024" + std::to_string(100000 + i) + "_" + std::string(200, 'x') + ".py", "");
  for (const std::vector<std::string>& versions : {std::vector<std::string>{"small"}, {"large"}, {"small", "large"}}) {
    const auto files = disk_files(folder.path(), versions);
    std::multiset<std::string> listed, gathered;
    for (const RevisionFile& file : files->list()) listed.insert(file.name);
    std::istringstream names(files->begin_names()());
    for (std::string name; std::getline(names, name, '/');) gathered.insert(name);
    EXPECT_EQ(gathered, listed);
  }
  disk_files(folder.path(), {"large"})->begin_names();  // and nobody asks for them
  const auto incomplete = disk_files(folder.path(), {"large", "none"});
  EXPECT_EQ(caught(incomplete->begin_names()).kind(), Kind::config);
}

TEST(DiskFiles, ReadsWhole) {
  const TemporaryFolder folder;
  const std::string big(200000, 'x');
  folder.write("v/1.py", big + std::string("\0\r\n", 3));
  const auto files = disk_files(folder.path(), {"v"});
  EXPECT_EQ(files->read("v/1.py"), big + std::string("\0\r\n", 3));
  const Error error = caught([&] { files->read("v/2.py"); });
  EXPECT_EQ(error.kind(), Kind::file);
  EXPECT_THAT(error.what(), HasSubstr("v/2.py: No such file"));
}

TEST(DiskFiles, NeitherWaitsForAPipeNorReadsADevice) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo(folder.path("a.py").c_str(), 0600), 0);
  std::filesystem::create_symlink("/dev/zero", folder.path("b.py"));
  const auto files = disk_files(folder.path(), {"."});
  for (const char* name : {"a.py", "b.py"})
    EXPECT_THAT(caught([&] { files->read(name); }).what(), HasSubstr("not a file"));
}

TEST(DiskFiles, ReadsManyInOrderAndCutsThem) {
  const TemporaryFolder folder;
  std::vector<RevisionFile> asked;
  for (int i = 0; i < 1001; ++i) {
    const std::string name = std::to_string(i) + ".py";
    folder.write("v/" + name, std::to_string(i) + std::string(50, ' '));
    asked.push_back({"v/" + name, name});
  }
  const auto files = disk_files(folder.path(), {"v"});
  const auto whole = files->read_all(asked, 0);
  const auto cut = files->read_all(asked, 10);
  ASSERT_EQ(whole.size(), asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    EXPECT_EQ(std::stoul(whole[i]), i);
    EXPECT_EQ(cut[i], whole[i].substr(0, 10));
  }
  for (std::size_t lost : {std::size_t{3}, asked.size() - 1}) {
    auto with_gap = asked;
    with_gap[lost].path = "v/gone.py";
    EXPECT_THAT(caught([&] { files->read_all(with_gap, 10); }).what(), HasSubstr("v/gone.py"));
  }
  EXPECT_TRUE(files->read_all({}, 10).empty());
}

TEST(DiskFiles, CreatesInTheFirstFolder) {
  const TemporaryFolder folder;
  folder.write("v/x", "");
  folder.write("w/x", "");
  const auto files = disk_files(folder.path(), {"v", "w"});
  EXPECT_EQ(files->create("1_a.py", "text\n"), "v/1_a.py");
  EXPECT_EQ(folder.read("v/1_a.py"), "text\n");
  struct stat status{};
  ASSERT_EQ(::stat(folder.path("v/1_a.py").c_str(), &status), 0);
  EXPECT_NE(status.st_mode & S_IRUSR, 0u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path("v")), {}), 2)
      << "nothing else is left behind";
}

TEST(DiskFiles, NeverReplacesAFile) {
  const TemporaryFolder folder;
  folder.write("v/1.py", "mine");
  const auto files = disk_files(folder.path(), {"v"});
  const Error error = caught([&] { files->create("1.py", "other"); });
  EXPECT_EQ(error.kind(), Kind::file);
  EXPECT_THAT(error.what(), HasSubstr("v/1.py exists already"));
  EXPECT_EQ(folder.read("v/1.py"), "mine");
}

TEST(DiskFiles, TwoFilesNeverGetOneTimestampId) {
  const TemporaryFolder folder;
  folder.write("v/1.py", "");
  const auto files = disk_files(folder.path(), {"v"});
  files->create("20241210120000_wallet.py", "");
  EXPECT_EQ(caught([&] { files->create("20241210120000_loyalty.py", ""); }).field("file"),
            "v/20241210120000_wallet.py");
  files->create("20241210120001_loyalty.py", "");
}

TEST(DiskFiles, GivesANameToOneOfManyWhoWantIt) {
  const TemporaryFolder folder;
  folder.write("v/x", "");
  const auto files = disk_files(folder.path(), {"v"});
  std::atomic<int> created{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        try {
          files->create("1.py", std::string(100000, 'x'));
          ++created;
        } catch (const Error& error) {
          EXPECT_EQ(error.kind(), Kind::file);
        }
      });
  }
  EXPECT_EQ(created, 1);
  EXPECT_EQ(folder.read("v/1.py").size(), 100000u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path("v")), {}), 2);
}

TEST(DiskFiles, RefusesNamesThatLeaveTheFolder) {
  const TemporaryFolder folder;
  folder.write("v/x", "");
  const auto files = disk_files(folder.path(), {"v"});
  for (const std::string& name : {std::string("../1.py"), std::string("a/1.py"), std::string("a\\1.py"), std::string(),
                                  std::string(".."), std::string("a\0.py", 5)})
    EXPECT_EQ(caught([&] { files->create(name, ""); }).kind(), Kind::file) << name;
}

TEST(DiskFiles, SaysWhyAFolderTakesNoFile) {
  const TemporaryFolder folder;
  folder.write("v/x", "");
  std::string read_only = "v";
  if (::geteuid() == 0) {
    read_only = "/sys";  // refuses root, too
    if (!std::filesystem::exists(read_only)) GTEST_SKIP() << "no folder here refuses root";
  } else {
    ::chmod(folder.path("v").c_str(), 0555);
  }
  const Error error = caught([&] { disk_files(folder.path(), {read_only})->create("1.py", ""); });
  EXPECT_EQ(error.kind(), Kind::file);
  EXPECT_THAT(error.what(),
              testing::ContainsRegex("into " + read_only +
                                     ": (Permission denied|Read-only file system|Operation not permitted)"));
  ::chmod(folder.path("v").c_str(), 0755);
}

}  // namespace
}  // namespace treering
