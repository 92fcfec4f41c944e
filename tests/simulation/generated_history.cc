// SPDX-License-Identifier: Apache-2.0
#include "simulation/generated_history.h"

#include <algorithm>
#include <map>

#include "treering/history/revision_file.h"

namespace treering::simulation {
namespace {

constexpr const char* kDatabase = "app";
constexpr const char* kCounters = "counters";

Operation update(const std::string& collection, Document filter, Document change) {
  Document statement;
  statement.add("q", std::move(filter)).add("u", std::move(change)).add("upsert", true);
  return {kDatabase, Write{Write::Verb::update, collection, {statement}, {}}};
}
Operation remove(const std::string& collection, const std::string& id) {
  return {kDatabase,
          Write{Write::Verb::remove, collection, {Document().add("q", Document().add("_id", id)).add("limit", 1)}, {}}};
}
Operation insert(const std::string& collection, const std::string& id) {
  return {kDatabase, Write{Write::Verb::insert, collection, {Document().add("_id", id)}, {}}};
}
Operation count(int difference) {
  return update(kCounters, Document().add("_id", "n"),
                Document().add("$inc", Document().add("n", static_cast<std::int64_t>(difference))));
}
Operation create_index(const std::string& collection, const std::string& field) {
  const Document index = Document().add("key", Document().add(field, 1)).add("name", field + "_1");
  return {kDatabase, CreateIndexes{collection, {index}, {}}};
}
Operation drop_index(const std::string& collection, const std::string& field) {
  return {kDatabase, DropIndexes{collection, Document().add("index", field + "_1"), {}}};
}

// What later revisions may work on.
struct LiveCollection {
  std::string name;
  Document options;
  std::string made_by;            // or got its name from
  std::set<std::string> used_by;  // all of these have to be below whoever drops or renames it
  std::vector<std::pair<std::string, std::string>> indexes;  // field, and who made it
};

class Generating {
 public:
  Generating(Chance& chance, HistoryKind kind) : chance_(chance), kind_(kind) {}

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
    revision.transactional = kind_ == HistoryKind::with_schema && chance_.percent(25);
    const std::size_t steps = 1 + chance_.below(4);
    for (std::size_t i = 0; i < steps; ++i) add_step(revision);
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

  bool is_below(const std::string& other, const std::string& id) { return other == id || below_[id].contains(other); }

  // A collection that revisions below made, or null.
  LiveCollection* usable(const std::string& id) {
    std::vector<LiveCollection*> found;
    for (LiveCollection& one : live_)
      if (is_below(one.made_by, id)) found.push_back(&one);
    return found.empty() ? nullptr : found[chance_.below(found.size())];
  }
  bool is_only_ours(const LiveCollection& collection, const std::string& id) {
    return std::ranges::all_of(collection.used_by, [&](const std::string& user) { return is_below(user, id); });
  }

  void add_step(GeneratedRevision& revision) {
    if (kind_ == HistoryKind::documents_alone) return write_document(revision, "people");
    if (revision.transactional) return add_transactional_step(revision);
    LiveCollection* there = usable(revision.id);
    const std::size_t what = chance_.below(100);
    if (there == nullptr || what < 20) return make_collection(revision);
    there->used_by.insert(revision.id);
    if (what < 45) return write_document(revision, there->name);
    if (what < 60) return make_index(revision, *there);
    if (!is_only_ours(*there, revision.id)) return write_document(revision, there->name);
    if (what < 72) return lose_index(revision, *there);
    if (what < 86) return rename_collection(revision, *there);
    drop_collection(revision, *there);
  }

  // No transaction takes the drop that would take a creation back.
  void add_transactional_step(GeneratedRevision& revision) {
    const std::size_t what = chance_.below(100);
    LiveCollection* there = usable(revision.id);
    if (there == nullptr || what < 60) {
      revision.upgrade.push_back(count(1));
      revision.downgrade.push_back(count(-1));
      return;
    }
    there->used_by.insert(revision.id);
    const std::string document = revision.id + "-" + std::to_string(++made_);
    revision.upgrade.push_back(insert(there->name, document));
    revision.downgrade.push_back(remove(there->name, document));
  }

  void make_collection(GeneratedRevision& revision) {
    LiveCollection made;
    made.name = "c" + std::to_string(++made_);
    made.made_by = revision.id;
    made.used_by = {revision.id};
    const bool by_writing = chance_.percent(30);
    if (by_writing) {
      revision.upgrade.push_back(
          update(made.name, Document().add("_id", revision.id), Document().add("$set", Document().add("made", true))));
    } else {
      if (chance_.percent(30)) made.options.add("validator", validator());
      revision.upgrade.push_back({kDatabase, CreateCollection{made.name, made.options}});
    }
    revision.downgrade.push_back({kDatabase, DropCollection{made.name}});
    live_.push_back(std::move(made));
  }

  // Another one each time, that every document keeps.
  Document validator() {
    return Document().add("absent" + std::to_string(++made_), Document().add("$exists", false));
  }

  void write_document(GeneratedRevision& revision, const std::string& collection) {
    const std::string id = revision.id + "-" + std::to_string(++made_);
    revision.upgrade.push_back(
        update(collection, Document().add("_id", id), Document().add("$set", Document().add("a", made_))));
    revision.downgrade.push_back(remove(collection, id));
  }

  void make_index(GeneratedRevision& revision, LiveCollection& collection) {
    const std::string field = "f" + std::to_string(++made_);
    revision.upgrade.push_back(create_index(collection.name, field));
    revision.downgrade.push_back(drop_index(collection.name, field));
    collection.indexes.emplace_back(field, revision.id);
  }

  void lose_index(GeneratedRevision& revision, LiveCollection& collection) {
    if (collection.indexes.empty()) return make_index(revision, collection);
    const std::string field = collection.indexes.back().first;
    collection.indexes.pop_back();
    revision.upgrade.push_back(drop_index(collection.name, field));
    revision.downgrade.push_back(create_index(collection.name, field));
    collection.made_by = revision.id;  // nobody beside us may count on it
  }

  void rename_collection(GeneratedRevision& revision, LiveCollection& collection) {
    const std::string name = "c" + std::to_string(++made_);
    revision.upgrade.push_back({kDatabase, RenameCollection{collection.name, name, false}});
    revision.downgrade.push_back({kDatabase, RenameCollection{name, collection.name, false}});
    collection.name = name;
    collection.made_by = revision.id;
    collection.used_by = {revision.id};
  }

  // The downgrade brings it back out of the trash, with what was in it.
  void drop_collection(GeneratedRevision& revision, LiveCollection& collection) {
    if (collection.made_by == revision.id) return write_document(revision, collection.name);
    revision.upgrade.push_back({kDatabase, DropCollection{collection.name}});
    revision.downgrade.push_back({kDatabase, CreateCollection{collection.name, collection.options}});
    std::erase_if(live_, [&](const LiveCollection& one) { return &one == &collection; });
  }

  Chance& chance_;
  HistoryKind kind_;
  std::vector<GeneratedRevision> revisions_;
  std::vector<std::string> heads_;
  std::map<std::string, std::set<std::string>> below_;
  std::vector<LiveCollection> live_;
  int made_ = 0;
};

}  // namespace

std::vector<GeneratedRevision> generate_history(Chance& chance, HistoryKind kind) {
  return Generating(chance, kind).run();
}

}  // namespace treering::simulation
