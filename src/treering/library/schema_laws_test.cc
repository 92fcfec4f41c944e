// SPDX-License-Identifier: Apache-2.0
// The laws of autogenerate on a real server: what is generated is what the server then lists.
#include <gtest/gtest.h>
#include <unistd.h>

#include "gen/schema_generator.h"
#include "test_server.h"
#include "treering/base/reply.h"
#include "treering/engine/env.h"
#include "treering/engine/read_schema.h"
#include "treering/mongo/mongo_server.h"
#include "treering/schema/proposal.h"

namespace treering {
namespace {

constexpr std::uint64_t kSeeds = 200;

class SchemaLaws : public testing::Test {
 protected:
  void SetUp() override {
    server_ = mongo_server({.url = test_server_url()});
    connection_ = server_->connect();
    database_ = "laws_" + std::to_string(getpid());
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

TEST_F(SchemaLaws, UpgradeReachesTheModelsAndDowngradeReturns) {
  SchemaKnobs knobs;
  knobs.taker = Taker::test_server;
  knobs.most_collections = 3;
  knobs.most_indexes = 3;
  const ProposalRules all{.allow_drop_collections = true};
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SchemaGenerator generator(seed, knobs);
    const SchemaSketch sketch = generator.any();
    const Schema first = sketch.schema();
    const Schema models = generator.mutated(sketch).schema();
    SCOPED_TRACE("seed " + std::to_string(seed));
    try {
      apply(steps_between(Schema(), first));
      const Schema before = read_schema(*server_, database_, {&first, &models});
      ASSERT_EQ(before, first);
      const Proposal proposal = propose(first, models, before, all);
      apply(proposal.upgrade);
      const Schema reached = read_schema(*server_, database_, {&models, &first});
      ASSERT_EQ(reached, models);
      ASSERT_FALSE(propose(models, models, reached, all).has_changes());
      std::vector<Paragraph> back = proposal.downgrade;
      apply(back);
      ASSERT_EQ(read_schema(*server_, database_, {&first, &models}), before);
    } catch (const Error& error) {
      FAIL() << error.what();
    }
    connection_->command(database_, Document().add("dropDatabase", 1));
  }
}

}  // namespace
}  // namespace treering
