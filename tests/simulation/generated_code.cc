// SPDX-License-Identifier: Apache-2.0
#include "simulation/generated_code.h"

#include <algorithm>

namespace treering::simulation {
namespace {

constexpr const char* kDatabase = "app";
constexpr const char* kCounters = "counters";

Document by_id(const std::string& id) { return Document().add("_id", id); }
Document set(const std::string& field, std::int64_t value) {
  return Document().add("$set", Document().add(field, value));
}

Operation write(Write::Verb verb, const std::string& collection, std::vector<Document> statements) {
  return {kDatabase, Write{verb, collection, std::move(statements), {}}};
}
Document upsert_statement(Document filter, Document change) {
  Document statement;
  return statement.add("q", std::move(filter)).add("u", std::move(change)).add("upsert", true);
}
Operation upsert(const std::string& collection, Document filter, Document change) {
  return write(Write::Verb::update, collection, {upsert_statement(std::move(filter), std::move(change))});
}
Operation update_many(const std::string& collection, Document filter, Document change) {
  Document statement;
  statement.add("q", std::move(filter)).add("u", std::move(change)).add("multi", true);
  return write(Write::Verb::update, collection, {statement});
}
Operation remove(const std::string& collection, Document filter, int limit) {
  return write(Write::Verb::remove, collection, {Document().add("q", std::move(filter)).add("limit", limit)});
}
Operation count(int difference) {
  return upsert(kCounters, by_id("n"),
                Document().add("$inc", Document().add("n", static_cast<std::int64_t>(difference))));
}
Operation create_index(const std::string& collection, const Document& index) {
  return {kDatabase, CreateIndexes{collection, {index}, {}}};
}
Operation drop_index(const std::string& collection, const Document& index) {
  return {kDatabase, DropIndexes{collection, Document().add("index", *index.string("name")), {}}};
}
Operation rename(const std::string& from, const std::string& to) {
  return {kDatabase, RenameCollection{from, to, false}};
}
Operation modify(const std::string& collection, const Document& validator) {
  return {kDatabase, ModifyCollection{collection, Document().add("validator", validator)}};
}

// Downgrades are put together in the order of the upgrade and turned round at the end.
void add(GeneratedRevision& revision, Step up, Step down) {
  revision.upgrade.push_back(std::move(up));
  revision.downgrade.push_back(std::move(down));
}

}  // namespace

void GeneratedCode::add_step(GeneratedRevision& revision, const Below& below) {
  if (kind_ == HistoryKind::documents_alone) return write_document(revision, "people");
  if (revision.transactional) return add_transactional_step(revision, below);
  LiveCollection* there = some_usable(revision.id, below);
  const std::size_t what = chance_.below(100);
  if (there == nullptr || what < 20) return make_collection(revision);
  there->used_by.insert(revision.id);
  if (what < 32) return write_document(revision, there->name);
  if (what < 37) return write_many(revision, there->name);
  if (what < 54 && there->has_seeds) return backfill(revision, there->name);
  if (what < 63) return make_index(revision, *there);
  if (!is_only_ours(*there, revision.id, below)) return write_document(revision, there->name);
  change_alone(revision, below, *there, what);
}

// What nobody may do beside others that use the collection.
void GeneratedCode::change_alone(GeneratedRevision& revision, const Below& below, LiveCollection& there,
                                 std::size_t what) {
  if (what < 76) return lose_index(revision, there);
  if (what < 79) return modify_collection(revision, there);
  if (what < 83) return rename_collection(revision, there);
  if (what < 89) return rename_over(revision, below, there);
  if (what < 98) return drop_collection(revision, there);
  drop_for_good(revision, there);
}

// No transaction takes the drop that would take a creation back.
void GeneratedCode::add_transactional_step(GeneratedRevision& revision, const Below& below) {
  const std::size_t what = chance_.below(100);
  if (kind_ == HistoryKind::upgraded_alone && what < 30) return make_collection(revision);
  LiveCollection* there = some_usable(revision.id, below);
  if (there == nullptr || what < 60) return add(revision, count(1), count(-1));
  there->used_by.insert(revision.id);
  const bool is_new_and_empty = there->made_by == revision.id && !there->has_documents;
  if (kind_ == HistoryKind::upgraded_alone && is_new_and_empty && what < 75) return make_index(revision, *there);
  there->has_documents = true;
  if (what < 80) return write_many(revision, there->name);
  const std::string id = revision.id + "-" + number();
  add(revision, write(Write::Verb::insert, there->name, {by_id(id)}), remove(there->name, by_id(id), 1));
}

std::vector<GeneratedCode::LiveCollection*> GeneratedCode::usable(const std::string& id, const Below& below) {
  std::vector<LiveCollection*> found;
  for (LiveCollection& one : live_)
    if (one.made_by == id || below.contains(one.made_by)) found.push_back(&one);
  return found;
}

GeneratedCode::LiveCollection* GeneratedCode::some_usable(const std::string& id, const Below& below) {
  const auto found = usable(id, below);
  return found.empty() ? nullptr : found[chance_.below(found.size())];
}

bool GeneratedCode::is_only_ours(const LiveCollection& collection, const std::string& id, const Below& below) {
  return std::ranges::all_of(collection.used_by,
                             [&](const std::string& user) { return user == id || below.contains(user); });
}

// Another one each time, that every document keeps; now and then one that fills the journal.
Document GeneratedCode::validator() {
  Document validator = Document().add("absent" + number(), Document().add("$exists", false));
  if (chance_.percent(20)) validator.add(std::string(400, 'x'), Document().add("$exists", false));
  return validator;
}

void GeneratedCode::make_collection(GeneratedRevision& revision) {
  LiveCollection made;
  made.name = "c" + number();
  made.made_by = revision.id;
  made.used_by = {revision.id};
  const DropCollection drop{made.name};
  if (!revision.transactional && chance_.percent(30)) {  // by writing
    add(revision, upsert(made.name, by_id(revision.id), set("made", 1)), Operation{kDatabase, drop});
  } else {
    if (chance_.percent(30)) made.options.add("validator", validator());
    add(revision, Operation{kDatabase, CreateCollection{made.name, made.options}}, Operation{kDatabase, drop});
  }
  made.has_seeds = !revision.transactional && chance_.percent(60);
  if (made.has_seeds) plant_seeds(revision, made.name);
  live_.push_back(std::move(made));
}

// They go with their collection.
void GeneratedCode::plant_seeds(GeneratedRevision& revision, const std::string& collection) {
  std::vector<Document> statements;
  const std::size_t count = 3 + chance_.below(3);
  for (std::size_t i = 0; i < count; ++i)
    statements.push_back(upsert_statement(by_id(revision.id + "-seed-" + std::to_string(i)),
                                          Document().add("$set", Document().add("seed", true))));
  revision.upgrade.push_back(write(Write::Verb::update, collection, std::move(statements)));
}

void GeneratedCode::write_document(GeneratedRevision& revision, const std::string& collection) {
  const std::string id = revision.id + "-" + number();
  add(revision, upsert(collection, by_id(id), set("a", made_)), remove(collection, by_id(id), 1));
}

// Statements that mean many documents carry no transaction number.
void GeneratedCode::write_many(GeneratedRevision& revision, const std::string& collection) {
  const std::string field = "m" + number();
  const Document seeds = Document().add("seed", true);
  if (chance_.percent(50))
    return add(revision, update_many(collection, seeds, set(field, 1)),
               update_many(collection, seeds, Document().add("$unset", Document().add(field, ""))));
  std::vector<Document> statements;
  for (const char* part : {"-x", "-y", "-z"})
    statements.push_back(
        upsert_statement(by_id(revision.id + part + field), Document().add("$set", Document().add("many", field))));
  add(revision, write(Write::Verb::update, collection, std::move(statements)),
      remove(collection, Document().add("many", field), 0));
}

void GeneratedCode::backfill(GeneratedRevision& revision, const std::string& collection) {
  const bool exact = kind_ != HistoryKind::without_transactions;
  const std::string field = "b" + number();
  const bool by_code = chance_.percent(30);
  const auto change = [&](std::int64_t difference, std::int64_t leaves) {
    const Document one = exact ? Document().add("$inc", Document().add(field, difference)) : set(field, leaves);
    return Backfill{collection, field, Document().add("u", one), by_code, leaves};
  };
  add(revision, change(1, 1), change(-1, 0));
}

void GeneratedCode::make_index(GeneratedRevision& revision, LiveCollection& collection) {
  const std::string field = "f" + number();
  Document index;
  if (chance_.percent(60)) {  // no two documents have the same number
    index.add("key", Document().add("a", 1).add(field, 1)).add("name", "a_1_" + field + "_1");
    index.add("unique", true).add("sparse", true);
  } else {
    index.add("key", Document().add(field, 1)).add("name", field + "_1");
  }
  add(revision, create_index(collection.name, index), drop_index(collection.name, index));
  collection.indexes.push_back(index);
}

void GeneratedCode::lose_index(GeneratedRevision& revision, LiveCollection& collection) {
  if (collection.indexes.empty()) return make_index(revision, collection);
  const Document index = collection.indexes.back();
  collection.indexes.pop_back();
  add(revision, drop_index(collection.name, index), create_index(collection.name, index));
  collection.made_by = revision.id;  // nobody beside us may count on it
}

void GeneratedCode::modify_collection(GeneratedRevision& revision, LiveCollection& collection) {
  const Document before = collection.options.document("validator").value_or(Document());
  const Document after = validator();
  add(revision, modify(collection.name, after), modify(collection.name, before));
  collection.options = Document().add("validator", after);
  collection.made_by = revision.id;
}

void GeneratedCode::rename_collection(GeneratedRevision& revision, LiveCollection& collection) {
  const std::string name = "c" + number();
  add(revision, rename(collection.name, name), rename(name, collection.name));
  collection.name = name;
  collection.made_by = revision.id;
  collection.used_by = {revision.id};
}

// The one in the way goes into the trash, and the downgrade brings it back.
void GeneratedCode::rename_over(GeneratedRevision& revision, const Below& below, LiveCollection& collection) {
  LiveCollection* other = nullptr;
  for (LiveCollection* one : usable(revision.id, below))
    if (one != &collection && one->made_by != revision.id && is_only_ours(*one, revision.id, below)) other = one;
  if (other == nullptr) return rename_collection(revision, collection);
  const std::string from = collection.name;
  const std::string to = other->name;
  revision.upgrade.push_back(Operation{kDatabase, RenameCollection{from, to, true}});
  revision.downgrade.push_back(Operation{kDatabase, CreateCollection{to, other->options}});
  revision.downgrade.push_back(rename(to, from));
  collection.name = to;
  collection.made_by = revision.id;
  collection.used_by = {revision.id};
  forget(*other);
}

// The downgrade brings it back out of the trash, with what was in it.
void GeneratedCode::drop_collection(GeneratedRevision& revision, LiveCollection& collection) {
  if (collection.made_by == revision.id) return write_document(revision, collection.name);
  add(revision, Operation{kDatabase, DropCollection{collection.name}},
      Operation{kDatabase, CreateCollection{collection.name, collection.options}});
  forget(collection);
}

// Nothing brings the documents back.
void GeneratedCode::drop_for_good(GeneratedRevision& revision, LiveCollection& collection) {
  if (collection.made_by == revision.id) return write_document(revision, collection.name);
  revision.upgrade.push_back(DropForGood{collection.name});
  for (const Document& index : collection.indexes) revision.downgrade.push_back(create_index(collection.name, index));
  revision.downgrade.push_back(Operation{kDatabase, CreateCollection{collection.name, collection.options}});
  forget(collection);
}

void GeneratedCode::forget(const LiveCollection& collection) {
  std::erase_if(live_, [&](const LiveCollection& one) { return &one == &collection; });
}

}  // namespace treering::simulation
