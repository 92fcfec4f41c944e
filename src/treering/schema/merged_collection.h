// SPDX-License-Identifier: Apache-2.0
// One collection of a proposal: what the models want of it, with what they have no say in. Pure.
#pragma once

#include <string>
#include <vector>

#include "treering/schema/proposal.h"
#include "treering/schema/schema.h"

namespace treering {

// Whether one can become the other without being dropped: no view is a collection, and no collection a time series.
bool same_kind(const Collection& a, const Collection& b);

// `model`, with the options, indexes and documents of `found` (the database) that neither it nor `before` (the models
// as they were) has, and with the documents that somebody changed as they are there; each is told in `findings`. Where
// the kinds differ it is the model alone: nothing outlives the drop.
Collection merged_collection(const Collection& model, const Collection& before, const Collection& found,
                             const ProposalRules& rules, std::vector<Finding>& findings);

// Something of the database that no model has and none had; `words` is what a person calls it.
Finding unmanaged_part(Difference::What what, const std::string& collection, const std::string& name,
                       const std::string& words);

}  // namespace treering
