// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "treering/base/error.h"
#include "treering/disk/disk_test_support.h"

namespace treering {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kUrl = "url = \"mongodb://h/app\"\n";

class ConfigTest : public testing::Test {
 protected:
  ConfigRequest request(const std::string& start = "") {
    ConfigRequest result;
    result.start = folder_.path(start);
    result.getenv = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      if (found == variables_.end()) return std::nullopt;
      return found->second;
    };
    return result;
  }

  Config load(const std::string& text) {
    folder_.write("treering.toml", text);
    return load_config(request());
  }

  // The sentence, then the hint.
  std::string refusal(const ConfigRequest& asked) {
    try {
      load_config(asked);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::config);
      return std::string(error.what()) + " | " + error.hint();
    }
    ADD_FAILURE() << "no error";
    return {};
  }
  std::string refusal(const std::string& text) {
    folder_.write("treering.toml", text);
    return refusal(request());
  }

  TemporaryFolder folder_;
  std::map<std::string, std::string> variables_;
};

TEST_F(ConfigTest, TakesDefaults) {
  const Config config = load(kUrl);
  EXPECT_EQ(config.root, folder_.path());
  EXPECT_EQ(config.file, folder_.path("treering.toml"));
  EXPECT_EQ(config.url, "mongodb://h/app");
  EXPECT_EQ(config.database, "app");
  EXPECT_THAT(config.versions, ElementsAre("migrations/versions"));
  EXPECT_THAT(config.models, ElementsAre());
  EXPECT_EQ(config.snapshots, "migrations/snapshots");
  EXPECT_THAT(config.post_write_hooks, ElementsAre());
  EXPECT_FALSE(config.strict_heads);
  EXPECT_FALSE(config.transactional);
  EXPECT_TRUE(config.trash);
  EXPECT_EQ(config.python, "");
  EXPECT_EQ(config.lock_timeout, milliseconds(0));
  EXPECT_EQ(config.lease, milliseconds(30000));
  EXPECT_EQ(config.server_timeout, milliseconds(5000));
}

TEST_F(ConfigTest, ReadsEveryKey) {
  const Config config = load(R"(
url = "mongodb://h"
database = "app"
username = "bob"
password = "pa$$word$"
versions = ["a/", "./b", "a"]
models = ["shop.models", "old/models.py", "shop.models"]
snapshots = "./kept/"
post_write_hooks = ["ruff format", "echo ${UNSET} $$"]
strict_heads = true
transactional = true
trash = false
python = ".venv/bin/python"
lock_timeout = 1.5
lease = 60
server_timeout = 0.25
)");
  EXPECT_EQ(config.database, "app");
  EXPECT_EQ(config.username, "bob");
  EXPECT_EQ(config.password, "pa$word$");
  EXPECT_THAT(config.versions, ElementsAre("a", "b"));
  EXPECT_THAT(config.models, ElementsAre("shop.models", "old/models.py"));
  EXPECT_EQ(config.snapshots, "kept");
  EXPECT_THAT(config.post_write_hooks, ElementsAre("ruff format", "echo ${UNSET} $$")) << "the shell's to expand";
  EXPECT_TRUE(config.strict_heads);
  EXPECT_TRUE(config.transactional);
  EXPECT_FALSE(config.trash);
  EXPECT_EQ(config.python, folder_.path(".venv/bin/python"));
  EXPECT_EQ(config.lock_timeout, milliseconds(1500));
  EXPECT_EQ(config.lease, milliseconds(60000));
  EXPECT_EQ(config.server_timeout, milliseconds(250));
}

TEST_F(ConfigTest, LeavesABareInterpreterToThePath) {
  EXPECT_EQ(load(std::string(kUrl) + "python = \"python3.11\"").python, "python3.11");
  EXPECT_EQ(load(std::string(kUrl) + "python = \"/opt/python\"").python, "/opt/python");
}

TEST_F(ConfigTest, TakesOneModuleOrHookForAList) {
  variables_["APP"] = "shop";
  EXPECT_THAT(load(std::string(kUrl) + "models = \"${APP}/models.py\"").models, ElementsAre("shop/models.py"));
  EXPECT_THAT(load(std::string(kUrl) + "post_write_hooks = \"black\"").post_write_hooks, ElementsAre("black"));
  const std::string none =
      "models = \"m.py\"\npost_write_hooks = \"black\"\n[env.x]\nmodels = []\npost_write_hooks = []";
  variables_["TREERING_ENV"] = "x";
  EXPECT_THAT(load(kUrl + none).models, ElementsAre());
  EXPECT_THAT(load(kUrl + none).post_write_hooks, ElementsAre());
}

TEST_F(ConfigTest, KeepsSnapshotsBesideTheFirstVersionsFolder) {
  EXPECT_EQ(load(std::string(kUrl) + "versions = [\"db/v\", \"x\"]").snapshots, "db/snapshots");
  EXPECT_EQ(load(std::string(kUrl) + "versions = \"v\"").snapshots, "snapshots");
  EXPECT_EQ(load(std::string(kUrl) + "versions = \"/srv/v/\"").snapshots, "/srv/snapshots");
}

TEST_F(ConfigTest, FindsTheNearestFile) {
  folder_.write("treering.toml", "url = \"mongodb://outer/a\"");
  folder_.write("in/pyproject.toml", "[project]\nname = \"x\"");
  folder_.write("in/deep/pyproject.toml", "[tool.treering]\nurl = \"mongodb://deep/a\"");
  folder_.write("in/deep/er/file", "");
  folder_.write("both/pyproject.toml", "[tool.treering]\nurl = \"mongodb://pyproject/a\"");
  folder_.write("both/treering.toml", "url = \"mongodb://treering/a\"");
  EXPECT_EQ(load_config(request("in")).url, "mongodb://outer/a");
  EXPECT_EQ(load_config(request("in/deep/er")).url, "mongodb://deep/a");
  EXPECT_EQ(load_config(request("in/deep/er")).root, folder_.path("in/deep"));
  EXPECT_EQ(load_config(request("both")).url, "mongodb://treering/a");
}

TEST_F(ConfigTest, TakesTheFileItIsGiven) {
  folder_.write("other.toml", "url = \"mongodb://other/a\"");
  folder_.write("pyproject.toml", "[project]\nname = \"x\"");
  ConfigRequest asked = request();
  asked.file = folder_.path("other.toml");
  EXPECT_EQ(load_config(asked).url, "mongodb://other/a");
  asked.file = folder_.path("pyproject.toml");
  EXPECT_THAT(refusal(asked), HasSubstr("has no [tool.treering]"));
  asked.file = folder_.path("none.toml");
  EXPECT_THAT(refusal(asked), HasSubstr("there is no such file"));
  asked.file = folder_.path();
  EXPECT_THAT(refusal(asked), HasSubstr("it is a folder"));
  variables_["TREERING_CONFIG"] = folder_.path("other.toml");
  EXPECT_EQ(load_config(request()).url, "mongodb://other/a");
  asked = request();
  asked.default_file = folder_.path("none.toml");
  EXPECT_EQ(load_config(asked).url, "mongodb://other/a");
  variables_["TREERING_CONFIG"] = "";
  EXPECT_THAT(refusal(asked), HasSubstr("there is no such file"));
  asked.file = folder_.path("other.toml");
  EXPECT_EQ(load_config(asked).url, "mongodb://other/a");
}

TEST_F(ConfigTest, SaysHowToStartWhereThereIsNone) { EXPECT_THAT(refusal(request()), HasSubstr("treering init")); }

TEST_F(ConfigTest, PrefersWhatStandsNearerToTheCommand) {
  folder_.write("treering.toml",
                "url = \"mongodb://top/a\"\nlease = 10\n[env.staging]\nurl = \"mongodb://staging/a\"\n");
  ConfigRequest asked = request();
  EXPECT_EQ(load_config(asked).url, "mongodb://top/a");
  asked.environment = "staging";
  EXPECT_EQ(load_config(asked).url, "mongodb://staging/a");
  EXPECT_EQ(load_config(asked).lease, milliseconds(10000));
  EXPECT_EQ(load_config(asked).environment, "staging");
  variables_["TREERING_URL"] = "mongodb://variable/a";
  EXPECT_EQ(load_config(asked).url, "mongodb://variable/a");
  asked.url = "mongodb://${NOT_EXPANDED}/a";
  EXPECT_EQ(load_config(asked).url, "mongodb://${NOT_EXPANDED}/a");
}

TEST_F(ConfigTest, ChoosesTheEnvironment) {
  const std::string text = std::string(kUrl) + "[env.staging]\ndatabase = \"s\"\n[env.live]\ndatabase = \"l\"\n";
  variables_["TREERING_ENV"] = "live";
  EXPECT_EQ(load(text).database, "l");
  ConfigRequest asked = request();
  asked.environment = "staging";
  EXPECT_EQ(load_config(asked).database, "s");
  variables_["TREERING_ENV"] = "";
  EXPECT_EQ(load(text).database, "app");
  variables_["TREERING_ENV"] = "lvie";
  EXPECT_THAT(refusal(request()), HasSubstr("no environment \"lvie\" (TREERING_ENV) | it has: live, staging"));
}

TEST_F(ConfigTest, ExpandsVariables) {
  variables_ = {{"HOST", "db1"}, {"EMPTY", ""}, {"TRICKY", "${HOST}"}};
  EXPECT_EQ(load("url = \"mongodb://${HOST}/${DB:-app}\"").url, "mongodb://db1/app");
  EXPECT_EQ(load("url = \"mongodb://${NONE:-${ALSO:-x}${HOST}}/a\"").url, "mongodb://xdb1/a");
  EXPECT_EQ(load("url = \"mongodb://h${EMPTY}/${EMPTY:-a}\"").url, "mongodb://h/a");
  EXPECT_EQ(load(std::string(kUrl) + "password = \"${TRICKY}\"").password, "${HOST}");
  EXPECT_EQ(load(std::string(kUrl) + "password = \"$${HOST}$x$\"").password, "${HOST}$x$");
}

TEST_F(ConfigTest, NamesAVariableThatIsNotSet) {
  const std::string text = refusal("\n\nurl = \"mongodb://u:${DB_PASSWORD}secret@h/a\"");
  EXPECT_THAT(text, HasSubstr("treering.toml:3: \"url\" needs the environment variable DB_PASSWORD, which is not set"));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  EXPECT_EQ(load(kUrl + std::string("[env.other]\nurl = \"${UNSET}\"")).url, "mongodb://h/app")
      << "not of this environment";
}

TEST_F(ConfigTest, QuotesNothingOfAMistakeThatMayBeAPassword) {
  for (const char* line : {"password = \"hunter${2\"", "password = \"${hunter 2}\"", "password = \"${}hunter\""})
    EXPECT_THAT(refusal(kUrl + std::string(line)),
                testing::AllOf(HasSubstr(":2: \"password\""), Not(HasSubstr("hunter"))));
  for (const char* line :
       {"password = hunter2", "password = \"hunter2", "password = 'hunter2\nx = 1", "password = 123456789012345678901",
        "password = 0777hunter", "password hunter2", "password = \"hunter\\2\"", "a.hunter2 = 1\na = 2"}) {
    const std::string text = refusal(kUrl + std::string(line));
    EXPECT_THAT(text, testing::AllOf(HasSubstr("treering.toml:"), Not(HasSubstr("hunter")), Not(HasSubstr("1234"))))
        << line;
  }
}

TEST_F(ConfigTest, AsksForNothingThatNobodyNeeds) {
  folder_.write("treering.toml",
                "url = \"mongodb://u:${UNSET}@h/a\"\npassword = \"${UNSET}\"\nversions = \"v\"\n[env.x]\nlease = 1");
  ConfigRequest asked = request();
  asked.need_database = false;
  EXPECT_THAT(load_config(asked).versions, ElementsAre("v"));
  EXPECT_EQ(load_config(asked).url, "");
  asked.url = "mongodb://me:mine@h/a";
  asked.need_database = true;
  EXPECT_EQ(load_config(asked).password, "") << "the option's URL brings its own user";
  asked.url = "mongodb://h/a";
  EXPECT_THAT(refusal(asked), HasSubstr("\"password\" needs the environment variable UNSET"));
}

TEST_F(ConfigTest, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(refusal("urll = \"x\""), HasSubstr(":1: unknown key \"urll\" | did you mean \"url\"?"));
  EXPECT_THAT(refusal("\n[env.x]\npasword = \"x\""),
              HasSubstr(":3: unknown key \"env.x.pasword\" | did you mean \"password\"?"));
  EXPECT_THAT(refusal("something_else = 1"), HasSubstr("the keys are url, database"));
  EXPECT_THAT(refusal("[url]\nx = 1"), HasSubstr("\"url\" must be a string"));
  EXPECT_THAT(refusal("strict_heads = \"yes\""), HasSubstr("\"strict_heads\" must be true or false"));
  EXPECT_THAT(refusal("versions = []"), HasSubstr("must be a folder or a list of folders"));
  EXPECT_THAT(refusal("versions = [1]"), HasSubstr("must be a folder or a list of folders"));
  for (const char* models : {"models = 1", "models = [\"a\", 1]", "models = true"})
    EXPECT_THAT(refusal(models), HasSubstr("\"models\" must be a Python module, its file, or a list of these"));
  EXPECT_THAT(refusal(std::string(kUrl) + "models = [\"\"]"),
              HasSubstr("\"models\" names a module that is empty text"));
  EXPECT_THAT(refusal("snapshots = [\"a\"]"), HasSubstr("\"snapshots\" must be a string"));
  EXPECT_THAT(refusal(std::string(kUrl) + "snapshots = \"\""), HasSubstr("\"snapshots\" names a folder that is empty"));
  EXPECT_THAT(refusal("post_write_hooks = 1"), HasSubstr("must be a command line or a list of command lines"));
  for (const char* seconds : {"-1", "nan", "inf", "1e300", "\"5\"", "true"})
    EXPECT_THAT(refusal(std::string("lease = ") + seconds), HasSubstr("a number of seconds")) << seconds;
  EXPECT_THAT(refusal("lease = 0"), HasSubstr("must be more than 0"));
  EXPECT_THAT(refusal("env = 1"), HasSubstr("[env.staging]"));
  EXPECT_THAT(refusal("[env]\nstaging = 1"), HasSubstr("[env.staging]"));
  EXPECT_THAT(refusal("url = \"postgres://u:secret@h/a\""),
              testing::AllOf(HasSubstr("must start with mongodb://"), Not(HasSubstr("secret"))));
  EXPECT_THAT(refusal(""), HasSubstr("embedded:"));
}

TEST_F(ConfigTest, GivesFileAndLineAsFacts) {
  folder_.write("treering.toml", "\nurll = 1");
  try {
    load_config(request());
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(std::string(error.field("file")), HasSubstr("treering.toml"));
    EXPECT_EQ(error.field("line"), "2");
  }
}

TEST_F(ConfigTest, TakesTheDatabaseOfAUrlThatReplacesTheFiles) {
  folder_.write("treering.toml", "url = \"mongodb://h/path\"\ndatabase = \"key\"");
  variables_["TREERING_URL"] = "mongodb://other/variable";
  EXPECT_EQ(load_config(request()).database, "variable");
  ConfigRequest asked = request();
  asked.url = "mongodb://other/asked";
  EXPECT_EQ(load_config(asked).database, "asked");
  asked.url = "mongodb://other";
  EXPECT_EQ(load_config(asked).database, "key");
}

TEST_F(ConfigTest, TakesTheDatabaseItIsGivenBeforeAll) {
  folder_.write("treering.toml", "url = \"mongodb://h/\"\n");  // names none
  ConfigRequest asked = request();
  asked.database = "other";
  EXPECT_EQ(load_config(asked).database, "other");
  folder_.write("treering.toml", "url = \"mongodb://h/app\"\ndatabase = \"shop\"\n");
  EXPECT_EQ(load_config(asked).database, "other");
  asked.database = "a b";
  EXPECT_THAT(refusal(asked), HasSubstr("\"a b\""));
}

TEST_F(ConfigTest, RefusesASlipInAnOptionOfTheUrl) {
  EXPECT_THAT(refusal("\nurl = \"mongodb://u:hunter2@h/app?w=1&tsl=true\""),
              testing::AllOf(HasSubstr("treering.toml:2: \"url\" has an option that MongoDB doesn't have: tsl"),
                             HasSubstr("did you mean tls?"), Not(HasSubstr("hunter2"))));
  folder_.write("treering.toml", kUrl);
  ConfigRequest asked = request();
  asked.url = "mongodb://h/app?AUTHSORCE=admin";
  EXPECT_THAT(refusal(asked), testing::AllOf(HasSubstr("--url has an option"), HasSubstr("authSource")));
  EXPECT_EQ(load("url = \"mongodb://h/app?AuthSource=admin&news=1\"").database, "app") << "what nobody can tell";
  EXPECT_EQ(load("url = \"embedded:app\"").database, "app");
}

TEST_F(ConfigTest, FindsTheDatabase) {
  EXPECT_EQ(load("url = \"mongodb://h/path?x=y\"\ndatabase = \"key\"").database, "key");
  EXPECT_EQ(load("url = \"mongodb://u:p%40@h1,h2:1/p%C3%A4th?replicaSet=a\"").database, "p\xc3\xa4th");
  EXPECT_EQ(load("url = \"embedded:name\"").database, "name");
  EXPECT_EQ(load("url = \"embedded:\"\ndatabase = \"key\"").database, "key");
  folder_.write("my app.v2/treering.toml", "url = \"embedded:\"");
  EXPECT_EQ(load_config(request("my app.v2")).database, "my_app_v2");
  EXPECT_THAT(refusal("url = \"mongodb://h\""), HasSubstr("no database is named"));
  EXPECT_THAT(refusal("url = \"mongodb://h/\""), HasSubstr("no database is named"));
}

TEST_F(ConfigTest, RefusesNamesThatNoDatabaseCanHave) {
  for (const char* name : {"a/b", "a.b", "a b", "a$", "admin", "local", "config"})
    EXPECT_THAT(refusal("url = \"embedded:\"\ndatabase = \"" + std::string(name) + "\""),
                HasSubstr("names the database \"" + std::string(name)));
  EXPECT_THAT(refusal("url = \"embedded:\"\ndatabase = \"" + std::string(64, 'x') + "\""), HasSubstr("63 bytes"));
  EXPECT_EQ(load("url = \"embedded:\"\ndatabase = \"" + std::string(63, 'x') + "\"").database.size(), 63u);
  EXPECT_THAT(refusal("url = \"mongodb://u:hunter2@h/admin\""),
              testing::AllOf(HasSubstr("the server's own"), Not(HasSubstr("hunter2"))));
}

}  // namespace
}  // namespace treering
