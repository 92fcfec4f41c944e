// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/templates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treering/base/error.h"
#include "treering/disk/config.h"
#include "treering/disk/disk_files.h"
#include "treering/disk/disk_test_support.h"

namespace treering {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::string refusal(const std::string& folder, Template which = Template::python) {
  try {
    scaffold(folder, which);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::usage);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(Templates, SetUpAProjectThatCanBeOpened) {
  const TemporaryFolder folder;
  EXPECT_THAT(scaffold(folder.path("my app"), Template::python),
              UnorderedElementsAre("treering.toml", "models.py", "migrations/versions/.gitkeep", ".gitignore"));
  EXPECT_EQ(folder.read("my app/.gitignore"), ".treering/\n");
  ConfigRequest request;
  request.start = folder.path("my app");
  request.getenv = [](const std::string&) { return std::nullopt; };
  const Config config = load_config(request);
  EXPECT_EQ(config.url, "embedded:");
  EXPECT_EQ(config.database, "my_app");
  EXPECT_THAT(config.models, testing::ElementsAre("models.py"));
  EXPECT_TRUE(disk_files(config.root, config.versions)->list().empty());
}

TEST(Templates, SetUpTheApplicationOfTheGuides) {
  const TemporaryFolder folder;
  const auto written = scaffold(folder.path(), Template::baseapp);
  EXPECT_EQ(written.size(), 11u);
  for (const char* name :
       {"manage.py", "baseapp/__init__.py", "baseapp/services/__init__.py", "baseapp/services/database/__init__.py",
        "baseapp/services/database/migration_manager.py", "baseapp/services/database/autogenerate.py",
        "baseapp/models/__init__.py", "baseapp/models/mongodb_schema.py", "treering.toml"})
    EXPECT_TRUE(folder.has(name)) << name;
  EXPECT_THAT(folder.read("treering.toml"), HasSubstr("\nmodels = \"baseapp/models/mongodb_schema.py\"\n"));
  EXPECT_FALSE(folder.has("models.py"));
  EXPECT_THAT(folder.read("manage.py"), HasSubstr("from treering.command_line import main"));
}

TEST(Templates, AddALineToGitignoreWhereItLacksIt) {
  const TemporaryFolder folder;
  folder.write("a/.gitignore", "*.pyc");
  folder.write("b/.gitignore", "*.pyc\n/.treering/\r\n");
  EXPECT_THAT(scaffold(folder.path("a"), Template::python), testing::Contains(".gitignore"));
  EXPECT_EQ(folder.read("a/.gitignore"), "*.pyc\n.treering/\n");
  EXPECT_THAT(scaffold(folder.path("b"), Template::python), testing::Not(testing::Contains(".gitignore")));
}

TEST(Templates, LeaveAProjectAlone) {
  const TemporaryFolder folder;
  scaffold(folder.path(), Template::python);
  EXPECT_THAT(refusal(folder.path()), HasSubstr("is a Treering project already"));
}

TEST(Templates, WriteNothingWhereFilesDiffer) {
  const TemporaryFolder folder;
  folder.write("manage.py", "django");
  folder.write("baseapp/services", "a file");
  folder.write("baseapp/__init__.py", "version = 1");  // only marks a package: no obstacle
  const std::string text = refusal(folder.path() + "/", Template::baseapp);
  EXPECT_THAT(text, HasSubstr("manage.py"));
  EXPECT_THAT(text, HasSubstr("baseapp/services"));
  EXPECT_THAT(text, testing::Not(HasSubstr("baseapp/__init__.py")));
  EXPECT_EQ(folder.read("manage.py"), "django");
  EXPECT_FALSE(folder.has("treering.toml"));
  EXPECT_FALSE(folder.has(".gitignore"));
}

TEST(Templates, AreKnownByName) {
  EXPECT_EQ(template_named("baseapp"), Template::baseapp);
  try {
    template_named("django");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.hint(), "there are: python, baseapp");
  }
}

}  // namespace
}  // namespace treering
