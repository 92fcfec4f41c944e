// SPDX-License-Identifier: Apache-2.0
// A history of revisions from a seed: branches, merges, dependencies, and code that can be undone and done again.
#pragma once

#include <set>
#include <string>
#include <variant>
#include <vector>

#include "gen/chance.h"
#include "treering/schema/operation.h"

namespace treering::simulation {

// A drop that doesn't go through the trash, where there is something to drop.
struct DropForGood {
  std::string collection;
};

// Of the documents that came with their collection ({seed: true}).
struct Backfill {
  std::string collection;
  std::string field;    // one of its own for each revision
  Document change;      // {"u": ...}
  bool by_code;         // the process decides, document by document; else the server changes them
  std::int64_t leaves;  // in the field of each document, where each was changed once
};

using Step = std::variant<Operation, DropForGood, Backfill>;

struct GeneratedRevision {
  std::string id;
  std::vector<std::string> parents;
  std::vector<std::string> depends_on;
  bool transactional = false;
  std::vector<Step> upgrade;
  std::vector<Step> downgrade;  // takes everything back that `upgrade` did
  std::string file_name;
  std::string text;  // of its file
};

enum class HistoryKind {
  with_schema,
  upgraded_alone,        // transactions create collections as well, which none of them could take back
  without_transactions,  // for a server that has none
  documents_alone,       // code that may run whatever was run before, as after a stamp
};

// In an order in which parents and dependencies come first. What two revisions do that don't stand on each other goes
// in any order. Code outside of transactions writes so that writing again changes nothing; code in transactions
// doesn't, nor do backfills on a server that has transactions.
std::vector<GeneratedRevision> generate_history(Chance& chance, HistoryKind kind);

}  // namespace treering::simulation
