// SPDX-License-Identifier: Apache-2.0
#include "simulation/generated_history.h"

#include <algorithm>
#include <map>

#include "simulation/generated_code.h"
#include "treering/history/revision_file.h"

namespace treering::simulation {
namespace {

class Generating {
 public:
  Generating(Chance& chance, HistoryKind kind) : chance_(chance), kind_(kind), code_(chance, kind) {}

  std::vector<GeneratedRevision> run() {
    const std::size_t count = 2 + chance_.below(5);
    for (std::size_t i = 0; i < count; ++i) add_revision("r" + std::to_string(i));
    return std::move(revisions_);
  }

 private:
  void add_revision(const std::string& id) {
    GeneratedRevision revision;
    revision.id = id;
    choose_place(revision);
    std::set<std::string>& below = below_[id];
    for (const auto* list : {&revision.parents, &revision.depends_on})
      for (const std::string& other : *list) {
        below.insert(other);
        below.insert(below_[other].begin(), below_[other].end());
      }
    const bool may = kind_ == HistoryKind::with_schema || kind_ == HistoryKind::upgraded_alone;
    revision.transactional = may && chance_.percent(25);
    const std::size_t steps = 1 + chance_.below(4);
    for (std::size_t i = 0; i < steps; ++i) code_.add_step(revision, below);
    std::ranges::reverse(revision.downgrade);
    write_file(revision);
    std::erase_if(heads_, [&](const std::string& head) { return std::ranges::count(revision.parents, head) > 0; });
    heads_.push_back(id);
    revisions_.push_back(std::move(revision));
  }

  void choose_place(GeneratedRevision& revision) {
    if (revisions_.empty()) return;
    const std::size_t shape = chance_.below(100);
    if (shape < 20) {
      revision.parents = {revisions_[chance_.below(revisions_.size())].id};
    } else if (shape < 50 && heads_.size() > 1) {
      revision.parents = heads_;
    } else {
      revision.parents = {heads_[chance_.below(heads_.size())]};
    }
    if (!chance_.percent(15)) return;
    const std::string other = revisions_[chance_.below(revisions_.size())].id;
    if (std::ranges::count(revision.parents, other) == 0) revision.depends_on = {other};
  }

  void write_file(GeneratedRevision& revision) const {
    NewRevision file;
    file.id = revision.id;
    file.parents = revision.parents;
    file.depends_on = revision.depends_on;
    file.message = "revision " + revision.id;
    file.created = "2024-12-10 00:00:00";
    revision.file_name = file_name_of(file.id, file.message);
    revision.text = render_revision_file(file);
    if (revision.transactional) revision.text.insert(revision.text.find("def upgrade("), "transactional = True\n\n\n");
  }

  Chance& chance_;
  HistoryKind kind_;
  std::vector<GeneratedRevision> revisions_;
  std::vector<std::string> heads_;
  std::map<std::string, std::set<std::string>> below_;
  GeneratedCode code_;
};

}  // namespace

std::vector<GeneratedRevision> generate_history(Chance& chance, HistoryKind kind) {
  return Generating(chance, kind).run();
}

}  // namespace treering::simulation
