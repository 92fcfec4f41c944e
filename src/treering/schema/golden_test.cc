// SPDX-License-Identifier: Apache-2.0
// What autogenerate writes, case by case, as files to read: tests/golden/CASE/
//   live.json     what the server lists: [{name, type, options, indexes: [...], data: [...], shard_key: {...}}]
//   desired.json  {models: [...], before: [...], allow_drop_collections: true, include_unmanaged: true}; models as
//                 model_schema.h has them; `before` (what the models said at the heads) is the database where missing
//   upgrade.py, downgrade.py, summary.txt   what comes of it
// UPDATE_GOLDEN=1 writes the last three anew, for reading in the difference of a commit.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fake/schema_database.h"
#include "treering/schema/live_schema.h"
#include "treering/schema/model_schema.h"
#include "treering/schema/proposal.h"
#include "treering/schema/render.h"

namespace treering {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Document json_of(const fs::path& path) { return Document::from_json(text_of(path)); }

Schema live_schema(const Document& listed) {
  std::vector<Collection> collections;
  for (const Document& one : listed.documents("collections")) {
    collections.push_back(collection_from_listing(one));
    set_listed_indexes(collections.back(), one.documents("indexes"));
    collections.back().data = one.documents("data");
    collections.back().shard_key = one.document("shard_key").value_or(Document());
  }
  return Schema(std::move(collections));
}

Proposal proposal_of(const fs::path& folder) {
  const Schema live = live_schema(json_of(folder / "live.json"));
  const Document desired = json_of(folder / "desired.json");
  const Schema before = desired.has("before") ? schema_from_models(desired.documents("before")) : live;
  const ProposalRules rules{.allow_drop_collections = desired.boolean("allow_drop_collections").value_or(false),
                            .include_unmanaged = desired.boolean("include_unmanaged").value_or(false)};
  return propose(before, schema_from_models(desired.documents("models")), live, rules);
}

std::string function(Body body, const std::vector<Paragraph>& paragraphs) {
  Imports imports;
  const std::string lines = python_body(paragraphs, body, imports);
  const std::string name = body == Body::upgrade ? "upgrade" : "downgrade";
  return imports.lines() + (imports.empty() ? "" : "\n\n") + "def " + name + "(env):\n" + lines;
}

std::string summary(const Proposal& proposal) {
  std::string text = "Detected changes:\n";
  for (const std::string& line : summary_lines(proposal, Detail::summary)) text += "  - " + line + "\n";
  text += "\nwith -v:\n";
  for (const std::string& line : summary_lines(proposal, Detail::everything)) text += "  - " + line + "\n";
  return text;
}

void expect_golden(const fs::path& path, const std::string& made) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << made;
    return;
  }
  EXPECT_EQ(made, text_of(path)) << path.filename() << " differs: UPDATE_GOLDEN=1 writes it anew";
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(TREERING_GOLDEN_FOLDER))
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, IsWhatIsWritten) {
  const fs::path folder = fs::path(TREERING_GOLDEN_FOLDER) / GetParam();
  const Proposal proposal = proposal_of(folder);
  expect_golden(folder / "upgrade.py", function(Body::upgrade, proposal.upgrade));
  expect_golden(folder / "downgrade.py", function(Body::downgrade, proposal.downgrade));
  expect_golden(folder / "summary.txt", summary(proposal));

  const Schema reached = after(proposal.from, proposal.upgrade);
  EXPECT_EQ(reached, proposal.to);
  EXPECT_EQ(after(reached, proposal.downgrade), proposal.from);
}

INSTANTIATE_TEST_SUITE_P(Every, Golden, testing::ValuesIn(cases()), [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace treering
