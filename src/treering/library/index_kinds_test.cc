// SPDX-License-Identifier: Apache-2.0
// Every kind and option of an index through its life on a real server: created, read back, unchanged, changed, removed.
#include <gtest/gtest.h>

#include <map>

#include "index_rows.h"
#include "schema_on_server.h"
#include "treering/schema/canonical.h"
#include "treering/schema/proposal.h"

namespace treering {
namespace {

// What the server of the tests can't build, with the code of its refusal; another server may.
const std::map<std::string, int> kRefused{{"hashed", 67},
                                          {"text", 67},
                                          {"text on several fields, beside others", 67},
                                          {"text on everything", 67},
                                          {"a weight of a field that stands beside", 67},
                                          {"an option of a later server", 197}};

class IndexKinds : public SchemaOnServer, public testing::WithParamInterface<IndexRow> {
 protected:
  static Schema models(const std::vector<const char*>& specifications) {
    Collection places;
    places.name = "places";
    for (const char* specification : specifications)
      places.indexes.push_back(
          *canonical_index(Document::from_json(specification), Document(), IndexSource::specification));
    return Schema({places});
  }

  Schema live() { return read_schema(*server_, database_, {}); }

  // From what the database has, which the models said before, to these models; gives the way back.
  std::vector<Paragraph> bring_to(const Schema& wanted) {
    const Schema before = live();
    const Proposal proposal = propose(before, wanted, before, {});
    apply(proposal.upgrade);
    return proposal.downgrade;
  }
};

TEST_P(IndexKinds, LivesAsItsModelSays) {
  const IndexRow& row = GetParam();
  const Schema none = models({});
  const Schema first = models({row.specified});
  const Schema second = models({row.changed});
  ASSERT_FALSE(first == second);
  bring_to(none);

  std::vector<Paragraph> back;
  try {
    back = bring_to(first);
  } catch (const Error& refused) {
    const auto known = kRefused.find(row.what);
    ASSERT_TRUE(known != kRefused.end()) << refused.what();
    ASSERT_EQ(refused.field("code"), std::to_string(known->second)) << refused.what();
    GTEST_SKIP() << "this server refuses it (" << refused.what() << "); it is in the tables of the pure parts";
  }
  Schema read = live();
  ASSERT_EQ(read.collections().at(0).indexes.size(), 1u);
  EXPECT_EQ(read.collections()[0].indexes[0].spec.json(), Document::from_json(row.canonical).json());
  EXPECT_EQ(read, first);
  EXPECT_FALSE(propose(first, first, read, {}).has_changes());

  std::vector<Paragraph> unchange = bring_to(second);
  EXPECT_EQ(live(), second);
  apply(unchange);
  EXPECT_EQ(live(), first);

  const Proposal removal = propose(first, none, live(), {});
  ASSERT_EQ(removal.changes.size(), 1u);
  EXPECT_EQ(removal.changes[0].kind, Difference::Kind::removed);
  EXPECT_EQ(removal.changes[0].name, first.collections()[0].indexes[0].name());
  apply(removal.upgrade);
  EXPECT_EQ(live(), none);
  apply(removal.downgrade);
  EXPECT_EQ(live(), first);
  apply(back);
  EXPECT_EQ(live(), none);
}

INSTANTIATE_TEST_SUITE_P(Every, IndexKinds, testing::ValuesIn(kIndexRows), [](const auto& tested) {
  std::string name;
  for (const char c : std::string_view(tested.param.what))
    name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

}  // namespace
}  // namespace treering
