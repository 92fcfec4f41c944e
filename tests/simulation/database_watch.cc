// SPDX-License-Identifier: Apache-2.0
#include "simulation/database_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulation/world.h"
#include "treering/engine/env.h"
#include "treering/engine/trash.h"

namespace treering::simulation {
namespace {

constexpr std::size_t kDatabasePrefix = 4;  // "app."

bool is_trash(const std::string& collection) { return collection.starts_with(kTrashPrefix); }

// Whether the code of that revision wrote it.
bool is_of(const Document& document, const std::string& revision) {
  const std::string id = document.string("_id").value_or("");
  return id == revision || id.starts_with(revision + "-");
}

// Whether the upgrade of that revision moves the collection into the trash.
bool drops(const GeneratedRevision& revision, const std::string& collection) {
  return std::ranges::any_of(revision.upgrade, [&](const Step& step) {
    const auto* operation = std::get_if<Operation>(&step);
    if (operation == nullptr) return false;
    const auto* drop = std::get_if<DropCollection>(&operation->body);
    const auto* rename = std::get_if<RenameCollection>(&operation->body);
    return (drop != nullptr && drop->collection == collection) ||
           (rename != nullptr && rename->drop_target && rename->to == collection);
  });
}

bool drops_for_good(const GeneratedRevision& revision, const std::string& collection) {
  return std::ranges::any_of(revision.upgrade, [&](const Step& step) {
    const auto* drop = std::get_if<DropForGood>(&step);
    return drop != nullptr && drop->collection == collection;
  });
}

// Whether the name means one collection at the start of the steps and another, or none, at their end.
bool is_renamed(const std::vector<Step>& steps, const std::string& collection) {
  return std::ranges::any_of(steps, [&](const Step& step) {
    const auto* operation = std::get_if<Operation>(&step);
    const auto* rename = operation == nullptr ? nullptr : std::get_if<RenameCollection>(&operation->body);
    return rename != nullptr && (rename->collection == collection || rename->to == collection);
  });
}

std::string text_of_drop(const std::string& collection) { return describe({"app", DropCollection{collection}}); }

// What the entry says is left in place, but for documents: nobody takes these back.
std::vector<std::string> schema_left(const Document& entry) {
  std::vector<std::string> left = entry.strings("left");
  std::erase_if(left, [](const std::string& text) { return text.find(" changed in ") != std::string::npos; });
  return left;
}

}  // namespace

DatabaseWatch::Schema DatabaseWatch::schema() const {
  Schema result;
  for (const std::string& name : world_.server.collections("app")) {
    if (is_internal_collection(name)) continue;
    const fake::MemoryCollection& collection = *world_.server.collection("app", name);
    Listed& listed = result[name];
    listed.uuid = collection.uuid();
    // One that was taken away may be listed as an empty one.
    const Document validator = collection.options().document("validator").value_or(Document());
    if (!validator.empty()) listed.validator = validator.json();
    for (const Document& index : collection.indexes()) listed.indexes.insert(index.json());
  }
  return result;
}

void DatabaseWatch::attempt_opened() {
  before_attempt_ = schema();
  dropped_for_good_.clear();
}

std::string DatabaseWatch::arrives(const SimulatedRunner& runner, const MemoryServer::Sent& sent,
                                   const Document& attempt) const {
  return sent.name == "drop" ? drop_arrives(runner, sent.collection, attempt) : "";
}

// No document is dropped that nobody can account for.
std::string DatabaseWatch::drop_arrives(const SimulatedRunner& runner, const std::string& collection,
                                        const Document& attempt) const {
  if (is_trash(collection)) {
    if (runner.job().verb != Job::Verb::empty_trash) return runner.name() + " drops something out of the trash";
    return attempt.empty() ? "" : runner.name() + " empties the trash while an attempt is open that may want it back";
  }
  if (runner.drops_for_good == collection) return "";
  const std::string revision = attempt.string("revision").value_or("");
  const bool its_own = attempt.string("run") == runner.run_id();
  const bool twins = its_own && collection == "twins_of_" + revision;
  for (const Document& document : world_.server.documents("app", collection))
    if (!twins && (!its_own || !is_of(document, revision)))
      return fmt::format("{} drops {} with a document that it can't account for: {}", runner.name(), collection,
                         document.json());
  return "";
}

void DatabaseWatch::acted(const SimulatedRunner& runner, const MemoryServer::Sent& sent, const Document& reply) {
  if (sent.name == "drop") {
    if (runner.drops_for_good == sent.collection && reply.has("ns")) dropped_for_good_.insert(sent.collection);
    const auto trashed = trashed_from(sent.collection);
    if (trashed && is_dropped_by_upgrade(*trashed, trashed->revision)) gone_.insert(trashed->revision);
  }
  if (sent.name != "renameCollection") return;
  const std::string from = sent.collection.substr(kDatabasePrefix);
  const std::string to = sent.command.string("to")->substr(kDatabasePrefix);
  if (const auto trashed = trashed_from(to); trashed && is_dropped_by_upgrade(*trashed, trashed->revision))
    trashed_[trashed->revision][from] = world_.server.collection("app", to)->uuid();
  if (const auto trashed = trashed_from(from); trashed && to.starts_with(World::kRestored))
    if (is_dropped_by_upgrade(*trashed, trashed->revision)) gone_.insert(trashed->revision);
}

std::string DatabaseWatch::recorded(const std::string& step) const {
  const bool upgrades = step.front() == '+';
  const GeneratedRevision& revision = *world_.revisions.at(step.substr(1));
  const std::vector<Step>& steps = upgrades ? revision.upgrade : revision.downgrade;
  for (const Step& one : steps) {
    const auto* backfill = std::get_if<Backfill>(&one);
    if (backfill == nullptr || is_renamed(steps, backfill->collection)) continue;
    for (const Document& document : world_.server.documents("app", backfill->collection))
      if (document.has("seed") && document.integer(backfill->field).value_or(0) != backfill->leaves)
        return fmt::format("the backfill of {} did not change each document of {} once: {}", step, backfill->collection,
                           document.json());
  }
  const auto trashed = trashed_.find(revision.id);
  if (upgrades || trashed == trashed_.end() || gone_.contains(revision.id)) return "";
  for (const auto& [name, uuid] : trashed->second) {
    const auto* there = world_.server.collection("app", name);
    if (drops(revision, name) && (there == nullptr || there->uuid() != uuid))
      return fmt::format("{} did not bring {} back from the trash", step, name);
  }
  return "";
}

std::string DatabaseWatch::logged(const Document& entry) {
  const bool left_schema = !schema_left(entry).empty();
  if (left_schema) gone_.insert(*entry.string("revision"));
  if (const std::string what = left(entry); !what.empty() || left_schema) return what;
  const Schema now = schema();
  if (now == before_attempt_) return "";
  std::string differing;
  for (const auto& [name, listed] : before_attempt_)
    if (const auto found = now.find(name); found == now.end() || !(found->second == listed)) differing += " " + name;
  for (const auto& [name, listed] : now)
    if (!before_attempt_.contains(name)) differing += " " + name;
  return "what an attempt did is said to be undone, and these are others than before it:" + differing;
}

// What a failed attempt leaves in place of collections and indexes is a drop for good, and each such drop is named.
std::string DatabaseWatch::left(const Document& entry) const {
  const std::vector<std::string> named = schema_left(entry);
  const GeneratedRevision& revision = *world_.revisions.at(*entry.string("revision"));
  for (const std::string& dropped : dropped_for_good_)
    if (std::ranges::count(named, text_of_drop(dropped)) == 0)
      return fmt::format("{} was dropped for good by a failed attempt, and its journal doesn't say so", dropped);
  for (const std::string& text : named) {
    const std::string collection = text.substr(text.rfind(' ') + 1);
    if (text != text_of_drop(collection) || !drops_for_good(revision, collection))
      return fmt::format("the journal says that {} left something in place: {}", revision.id, text);
  }
  return "";
}

}  // namespace treering::simulation
