// SPDX-License-Identifier: Apache-2.0
// Proposals over collections written as JSON, for tests of what autogenerate decides.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fake/schema_database.h"
#include "treering/schema/canonical.h"
#include "treering/schema/proposal.h"

namespace treering {

// A collection from JSON: options, then index specifications, then data.
inline Collection collection(const std::string& name, const std::vector<std::string>& indexes = {},
                             const std::string& options = "{}", const std::vector<std::string>& data = {}) {
  Collection result;
  result.name = name;
  result.options = canonical_options(Document::from_json(options));
  for (const std::string& json : indexes)
    result.indexes.push_back(*canonical_index(Document::from_json(json), result.options, IndexSource::specification));
  for (const std::string& json : data) result.data.push_back(Document::from_json(json));
  return result;
}

inline Collection wallet() { return collection("wallet", {R"({"key": {"uid": 1}})", R"({"key": {"coins": 1}})"}); }

inline std::vector<std::string> operations(const std::vector<Paragraph>& paragraphs) {
  std::vector<std::string> lines;
  for (const Paragraph& paragraph : paragraphs)
    for (const Operation& operation : paragraph.operations)
      lines.push_back((paragraph.held_back ? "# " : "") + describe(operation));
  return lines;
}

// The laws of every proposal.
inline Proposal proposed(const Schema& snapshot, const Schema& models, const Schema& live,
                         const ProposalRules& rules = {}) {
  Proposal proposal = propose(snapshot, models, live, rules);
  EXPECT_EQ(after(live, proposal.upgrade), proposal.to);
  EXPECT_EQ(after(proposal.to, proposal.downgrade), live);
  const Proposal again = propose(proposal.snapshot, models, proposal.to, rules);
  EXPECT_THAT(operations(again.upgrade), testing::IsEmpty());
  return proposal;
}

inline std::vector<std::string> summary(const Proposal& proposal) { return summary_lines(proposal, Detail::summary); }

}  // namespace treering
