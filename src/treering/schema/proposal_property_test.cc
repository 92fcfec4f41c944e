// SPDX-License-Identifier: Apache-2.0
// The laws of autogenerate over generated schemas of everything that MongoDB has.
#include <gtest/gtest.h>

#include "fake/schema_database.h"
#include "gen/schema_generator.h"
#include "treering/schema/proposal.h"

namespace treering {
namespace {

constexpr std::uint64_t kSeeds = 3000;

TEST(ProposalLaws, NothingDiffersFromItself) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Schema schema = SchemaGenerator(seed).any().schema();
    ASSERT_TRUE(differences(schema, schema).empty()) << "seed " << seed;
    ASSERT_TRUE(steps_between(schema, schema).empty()) << "seed " << seed;
    ASSERT_FALSE(propose(schema, schema, schema, {}).has_changes()) << "seed " << seed;
  }
}

TEST(ProposalLaws, AListOfDifferencesIsEmptyWhereSchemasAreEqualAndOnlyThere) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SchemaGenerator generator(seed);
    const SchemaSketch sketch = generator.any();
    const Schema before = sketch.schema();
    const Schema now = generator.mutated(sketch).schema();
    ASSERT_EQ(differences(before, now).empty(), before == now) << "seed " << seed;
  }
}

TEST(ProposalLaws, UpgradeReachesTheModelsAndDowngradeReturns) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SchemaGenerator generator(seed);
    const SchemaSketch sketch = generator.any();
    const Schema before = sketch.schema();
    const Schema models = generator.mutated(sketch).schema();
    const ProposalRules all{.allow_drop_collections = true};
    const Proposal proposal = propose(before, models, before, all);
    const Schema reached = after(before, proposal.upgrade);
    ASSERT_EQ(reached, models) << "seed " << seed;
    ASSERT_EQ(after(reached, proposal.downgrade), before) << "seed " << seed;
    ASSERT_FALSE(propose(models, models, reached, all).has_changes()) << "seed " << seed;
  }
}

TEST(ProposalLaws, WhatIsHeldBackDestroysNothing) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SchemaGenerator generator(seed);
    const SchemaSketch sketch = generator.any();
    const Schema before = sketch.schema();
    const Proposal proposal = propose(before, generator.mutated(sketch).schema(), before, {});
    const Schema reached = after(before, proposal.upgrade);
    std::string text;
    for (const Difference& d : differences(proposal.to, reached)) text += name_of(d) + ": " + d.detail + "\n";
    ASSERT_EQ(text, "") << "seed " << seed;
    for (const Collection& collection : before.collections())
      ASSERT_TRUE(collection.is_view() || reached.find(collection.name) != nullptr) << "seed " << seed;
  }
}

TEST(ProposalLaws, WhatOnlyTheDatabaseHasIsLeftAlone) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SchemaGenerator generator(seed);
    const Schema live = generator.any().schema();
    const Proposal proposal = propose(Schema(), Schema(), live, {.allow_drop_collections = true});
    ASSERT_FALSE(proposal.has_changes()) << "seed " << seed;
    ASSERT_EQ(proposal.findings.size(), live.collections().size()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace treering
