// SPDX-License-Identifier: Apache-2.0
// Laws of the canonical form, on generated schemas of everything that MongoDB has.
#include <gtest/gtest.h>

#include "gen/as_listed.h"
#include "gen/schema_generator.h"
#include "treering/schema/canonical.h"

namespace treering {
namespace {

constexpr std::uint64_t kSeeds = 1000;

void expect_equal(const Schema& a, const Schema& b) {
  if (a == b) return;
  for (const Collection& collection : a.collections()) {
    const Collection* other = b.find(collection.name);
    ASSERT_NE(other, nullptr) << collection.name;
    EXPECT_EQ(collection.options.json(), other->options.json());
    EXPECT_EQ(collection.indexes.size(), other->indexes.size());
    for (const Index& index : collection.indexes) {
      const Index* same = other->find_index(index.name());
      EXPECT_EQ(index.spec.json(), same == nullptr ? "none" : same->spec.json());
    }
  }
  EXPECT_EQ(a, b);
}

TEST(CanonicalLaw, AListingOfASchemaReadsBackAsThatSchema) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SchemaGenerator generator(seed);
    Chance chance(seed);
    const SchemaSketch sketch = generator.any();
    for (const SchemaSketch& version : {sketch, generator.mutated(sketch)}) {
      const Schema schema = version.schema();
      expect_equal(schema, read_back(schema, chance));
    }
    ASSERT_FALSE(HasFailure());
  }
}

TEST(CanonicalLaw, IsAFixedPoint) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Schema schema = SchemaGenerator(seed).any().schema();
    for (const Collection& collection : schema.collections()) {
      ASSERT_EQ(canonical_options(collection.options), collection.options) << collection.options.json();
      for (const Index& index : collection.indexes) {
        const auto again = canonical_index(index.spec, collection.options, IndexSource::specification);
        ASSERT_TRUE(again) << index.spec.json();
        ASSERT_EQ(again->spec.json(), index.spec.json());
        ASSERT_EQ(again->spec, index.spec);
      }
    }
  }
}

TEST(CanonicalLaw, NumbersAreOneWhateverTheirType) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chance chance(seed);
    Document any;
    add_any_value(any, "v", chance);
    const Document canonical = canonical_numbers(any);
    ASSERT_EQ(canonical_numbers(retyped(canonical, chance)), canonical) << any.json();
    ASSERT_TRUE(same_document(any, canonical)) << any.json();
  }
}

TEST(CanonicalLaw, ModelsForTheTestServerLeaveOutWhatItRefuses) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SchemaKnobs knobs;
    knobs.taker = Taker::test_server;
    SchemaGenerator generator(seed, knobs);
    const SchemaSketch sketch = generator.any();
    for (const Schema& schema : {sketch.schema(), generator.mutated(sketch).schema()})
      for (const Collection& collection : schema.collections())
        for (const Index& index : collection.indexes) {
          const IndexKind kind = index_kind(index.key());
          ASSERT_TRUE(kind != IndexKind::text && kind != IndexKind::hashed) << index.spec.json();
        }
  }
}

}  // namespace
}  // namespace treering
