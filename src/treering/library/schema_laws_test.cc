// SPDX-License-Identifier: Apache-2.0
// The laws of autogenerate on a real server: what is generated is what the server then lists.
#include <gtest/gtest.h>

#include "gen/schema_generator.h"
#include "schema_on_server.h"
#include "treering/engine/read_schema.h"
#include "treering/schema/proposal.h"

namespace treering {
namespace {

constexpr std::uint64_t kSeeds = 200;

class SchemaLaws : public SchemaOnServer {};

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
