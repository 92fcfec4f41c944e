// SPDX-License-Identifier: Apache-2.0
// What the code of generated revisions does, step by step, so that each fits to what the revisions below it left.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "gen/chance.h"
#include "simulation/generated_history.h"

namespace treering::simulation {

class GeneratedCode {
 public:
  GeneratedCode(Chance& chance, HistoryKind kind) : chance_(chance), kind_(kind) {}

  // Adds a step each way. `below`: the revisions that it stands on, itself not among them.
  void add_step(GeneratedRevision& revision, const std::set<std::string>& below);

 private:
  // What later revisions may work on.
  struct LiveCollection {
    std::string name;
    Document options;
    std::string made_by;            // or got its name from, or lost something by
    std::set<std::string> used_by;  // all of these have to be below whoever drops or renames it
    std::vector<Document> indexes;  // specifications
    bool has_seeds = false;
    bool has_documents = false;  // from a transactional revision
  };
  using Below = std::set<std::string>;

  void add_transactional_step(GeneratedRevision& revision, const Below& below);
  void change_alone(GeneratedRevision& revision, const Below& below, LiveCollection& there, std::size_t what);
  std::vector<LiveCollection*> usable(const std::string& id, const Below& below);
  LiveCollection* some_usable(const std::string& id, const Below& below);
  static bool is_only_ours(const LiveCollection& collection, const std::string& id, const Below& below);

  void make_collection(GeneratedRevision& revision);
  void plant_seeds(GeneratedRevision& revision, const std::string& collection);
  void write_document(GeneratedRevision& revision, const std::string& collection);
  void write_many(GeneratedRevision& revision, const std::string& collection);
  void backfill(GeneratedRevision& revision, const std::string& collection);
  void make_index(GeneratedRevision& revision, LiveCollection& collection);
  void lose_index(GeneratedRevision& revision, LiveCollection& collection);
  void modify_collection(GeneratedRevision& revision, LiveCollection& collection);
  void rename_collection(GeneratedRevision& revision, LiveCollection& collection);
  void rename_over(GeneratedRevision& revision, const Below& below, LiveCollection& collection);
  void drop_collection(GeneratedRevision& revision, LiveCollection& collection);
  void drop_for_good(GeneratedRevision& revision, LiveCollection& collection);
  void forget(const LiveCollection& collection);
  Document validator();
  std::string number() { return std::to_string(++made_); }

  Chance& chance_;
  HistoryKind kind_;
  std::vector<LiveCollection> live_;
  int made_ = 0;
};

}  // namespace treering::simulation
