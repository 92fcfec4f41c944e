// SPDX-License-Identifier: Apache-2.0
// A project for MigrationManager on a real server and real files, with revisions whose code is C++.
#pragma once

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "caught.h"
#include "fake/scripted_scripts.h"
#include "test_server.h"
#include "treering/library/migration_manager.h"
#include "treering/mongo/mongo_server.h"

namespace treering {

// Each test has a project folder and a database of its own.
class ManagedProject : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(root_ + "/migrations/versions");
    static int databases = 0;
    database_ = "manager_" + std::to_string(getpid()) + "_" + std::to_string(databases++);
    std::ofstream(root_ + "/treering.toml")
        << "url = \"" << test_server_url() << "\"\ndatabase = \"" << database_ << "\"\n";
  }
  void TearDown() override {
    mongo_server({.url = test_server_url()})->connect()->command(database_, Document().add("dropDatabase", 1));
  }

  MigrationManager manager() { return manager_with(scripts_); }
  MigrationManager manager_with(Scripts& scripts) { return MigrationManager({.config = root_, .scripts = &scripts}); }

  std::string add(const std::string& message) { return manager().revision(message).revision.id; }

  TempFolder folder_;
  std::string root_ = folder_ / "project";
  std::string database_;
  ScriptedScripts scripts_;
};

}  // namespace treering
