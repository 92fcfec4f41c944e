// SPDX-License-Identifier: Apache-2.0
// A database of its own on the test server, with what it takes to bring it from one schema to another.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "test_server.h"
#include "treering/base/reply.h"
#include "treering/engine/env.h"
#include "treering/engine/read_schema.h"
#include "treering/mongo/mongo_server.h"
#include "treering/schema/steps.h"

namespace treering {

class SchemaOnServer : public testing::Test {
 protected:
  void SetUp() override {
    server_ = mongo_server({.url = test_server_url()});
    connection_ = server_->connect();
    database_ = test_database();
  }
  void TearDown() override { connection_->command(database_, Document().add("dropDatabase", 1)); }

  void apply(const std::vector<Paragraph>& paragraphs) {
    Env env(*connection_, database_);
    for (const Paragraph& paragraph : paragraphs)
      for (const Operation& operation : paragraph.operations) {
        Operation here = operation;
        here.database = database_;
        if (auto* run = std::get_if<RunCommand>(&here.body); run != nullptr && run->command.has("shardCollection"))
          continue;
        require_written(env.apply(here));
      }
  }

  std::unique_ptr<Server> server_;
  std::unique_ptr<Connection> connection_;
  std::string database_;
};

}  // namespace treering
