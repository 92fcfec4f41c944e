// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/handover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace treering {
namespace {

using testing::HasSubstr;

// Looks for an interpreter where just these files are.
std::string chosen(const std::string& configured, const std::string& virtual_env, const std::set<std::string>& files) {
  return choose_interpreter({configured, "/project", "/venv/bin", virtual_env,
                             [&](const std::string& path) { return files.contains(path); }});
}

TEST(ChooseInterpreter, PrefersTheConfigured) {
  EXPECT_EQ(chosen("python3.12", "/other", {"/other/bin/python"}), "python3.12");
  EXPECT_EQ(chosen(".venv/bin/python", "", {}), "/project/.venv/bin/python");
  EXPECT_EQ(chosen("/opt/python", "", {}), "/opt/python");
}

TEST(ChooseInterpreter, TakesTheOneBesideItselfInAVirtualEnvironmentOnly) {
  EXPECT_EQ(chosen("", "/other", {"/venv/pyvenv.cfg", "/venv/bin/python3", "/other/bin/python"}), "/venv/bin/python3");
  EXPECT_EQ(chosen("", "/other", {"/venv/pyvenv.cfg", "/venv/bin/python", "/other/bin/python"}), "/venv/bin/python");
  EXPECT_EQ(chosen("", "/other", {"/venv/bin/python3", "/other/bin/python"}), "/other/bin/python");
}

TEST(ChooseInterpreter, FallsBackToPath) {
  EXPECT_EQ(chosen("", "", {}), "python3");
  EXPECT_EQ(chosen("", "/gone", {}), "python3");
}

TEST(BootstrapSource, NamesTheInterpreterAndTheInstallCommand) {
  const std::string source = bootstrap_source("/a 'b'/python", ErrorForm::text, {"/bin/treering", "wait"});
  EXPECT_THAT(source, HasSubstr("-m pip install treering"));
  EXPECT_THAT(source, HasSubstr("file=sys.stderr"));
  EXPECT_THAT(bootstrap_source("python3", ErrorForm::json, {}), HasSubstr("file=sys.stdout"));
}

}  // namespace
}  // namespace treering
