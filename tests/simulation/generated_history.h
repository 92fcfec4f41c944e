// SPDX-License-Identifier: Apache-2.0
// A history of revisions from a seed: branches, merges, dependencies, and code that can be undone and done again.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "gen/chance.h"
#include "treering/schema/operation.h"

namespace treering::simulation {

struct GeneratedRevision {
  std::string id;
  std::vector<std::string> parents;
  std::vector<std::string> depends_on;
  bool transactional = false;
  std::vector<Operation> upgrade;
  std::vector<Operation> downgrade;  // takes everything back that `upgrade` did
  std::string file_name;
  std::string text;  // of its file
};

// Documents alone: code that may run whatever was run before, as after a stamp. Without transactions: for a server that
// has none.
enum class HistoryKind { with_schema, documents_alone, without_transactions };

// In an order in which parents and dependencies come first. What two revisions do that don't stand on each other goes
// in any order. Code outside of transactions writes so that writing again changes nothing; code in transactions
// doesn't.
std::vector<GeneratedRevision> generate_history(Chance& chance, HistoryKind kind);

}  // namespace treering::simulation
