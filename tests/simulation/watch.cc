// SPDX-License-Identifier: Apache-2.0
#include "simulation/watch.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "simulation/world.h"
#include "treering/engine/state.h"

namespace treering::simulation {
namespace {

constexpr std::array<std::string_view, 4> kWrites = {"insert", "update", "delete", "findAndModify"};
constexpr std::array<std::string_view, 6> kSchemaChanges = {"create",      "drop",    "createIndexes",
                                                            "dropIndexes", "collMod", "renameCollection"};

bool is_one_of(std::string_view name, const auto& names) { return std::ranges::find(names, name) != names.end(); }

bool changed_something(const MemoryServer::Sent& sent, const Document& reply) {
  if (sent.name == "commitTransaction") return true;
  if (sent.name == "findAndModify") return reply.integer("lastErrorObject.n").value_or(0) > 0;
  return is_one_of(sent.name, kWrites) && reply.integer("n").value_or(0) > 0;
}

}  // namespace

bool is_schema_change(const MemoryServer::Sent& sent) { return is_one_of(sent.name, kSchemaChanges); }

void Watch::begin() {
  std::vector<Revision> revisions;
  for (const GeneratedRevision& one : world_.history) {
    Revision revision;
    revision.id = one.id;
    revision.parents = one.parents;
    revision.depends_on = one.depends_on;
    revisions.push_back(std::move(revision));
  }
  graph_ = Graph(std::move(revisions));
}

bool Watch::is_superseded(const SimulatedRunner& runner) const { return runner.epoch > 0 && runner.epoch < epoch_; }

bool Watch::is_fenced(const SimulatedRunner& runner) const { return runner.epoch > 0 && runner.epoch < fenced_below_; }

void Watch::sends(const SimulatedRunner& runner, const MemoryServer::Sent& sent) {
  const bool is_change = is_one_of(sent.name, kWrites) || is_schema_change(sent);
  if (runner.job().verb == Job::Verb::doctor && is_change) fail(runner.name() + " is a doctor and changes something");
  if (!active_ || !is_superseded(runner)) return;
  // The holder of a lease that is broken by force notices at its next renewal, or journal entry.
  if (runner.epoch < broken_below_) return;
  // A batch and the note that it is done are one transaction: should it come late, it is done once all the same.
  if (runner.in_backfill && sent.in_transaction) return;
  // The state's own writes say the epoch, and the log may be told what happened.
  const bool is_own = sent.collection.starts_with("treering_") && sent.collection != kRevisionsCollection;
  if (!is_change || is_own || runner.job().verb == Job::Verb::stamp) return;
  // The driver sends the same write once more, with its number.
  if (is_one_of(sent.name, kWrites) && world_.scheduler.current()->lost == sent.command) return;
  fail(fmt::format("{} begins `{}` of {} though its lease was taken", runner.name(), sent.name, sent.collection));
}

bool Watch::can_fence() const {
  const bool forgets = world_.restarts > 0 && world_.faults.numbers == MemoryServer::Numbers::forgotten;
  return !world_.faults.stands_alone && !forgets;
}

void Watch::arrives(const SimulatedRunner& runner, const MemoryServer::Sent& sent) {
  if (active_) require(database_.arrives(runner, sent, state_.document("attempt").value_or(Document())));
}

void Watch::acted(SimulatedRunner& runner, const MemoryServer::Sent& sent, const Document& reply) {
  if (!active_) return;
  database_.acted(runner, sent, reply);
  // The state is compared as it is: a write of it that is sent once more gets the reply of the first time.
  if (is_fenced(runner) && changed_something(sent, reply) && can_fence() && sent.collection != kStateCollection)
    fail(fmt::format("{} was fenced, and its `{}` of {} was carried out", runner.name(), sent.name, sent.collection));
  if (sent.collection == kStateCollection && is_one_of(sent.name, kWrites)) look_at_state(runner, sent);
  if (sent.name == "commitTransaction" || (sent.collection == kRevisionsCollection && is_one_of(sent.name, kWrites)))
    look_at_records(runner);
  if (sent.collection == kJournalCollection && is_one_of(sent.name, kWrites)) look_at_log(sent.command);
}

void Watch::look_at_state(SimulatedRunner& runner, const MemoryServer::Sent& sent) {
  const auto* collection = world_.server.collection("app", kStateCollection);
  if (collection == nullptr || collection->documents().empty() || collection->documents().front() == state_) return;
  const Document before = std::exchange(state_, collection->documents().front());
  // It may take the lease anew where it wasn't told that it had it.
  const bool takes = state_.integer("epoch") > epoch_ && state_.string("lease.run") == runner.run_id();
  if (is_superseded(runner) && !takes)
    fail(fmt::format("{} changed the state by `{}` though its lease was taken", runner.name(), sent.name));
  look_at_lease(runner, before, state_);
  look_at_attempt(before);
  if (const std::string what = disagreement(); !what.empty())
    fail(fmt::format("after a write of {} the state and the records disagree: {}", runner.name(), what));
}

void Watch::look_at_attempt(const Document& before) {
  const auto of = [](const Document& state) {
    return std::tuple(state.string("attempt.run"), state.string("attempt.revision"), state.string("attempt.direction"),
                      state.date("attempt.started").value_or(Date{}).ms);
  };
  if (state_.has("attempt") && of(state_) != of(before)) database_.attempt_opened();
}

void Watch::look_at_lease(SimulatedRunner& runner, const Document& before, const Document& now) {
  const std::int64_t now_ms = world_.server.now_ms();
  const std::int64_t held_until = before.date("lease.expires").value_or(Date{}).ms;
  const std::int64_t holds_until = now.date("lease.expires").value_or(Date{}).ms;
  const std::int64_t epoch = now.integer("epoch").value_or(0);
  if (epoch > epoch_) {
    const bool breaks = runner.job().verb == Job::Verb::unlock;
    if (breaks) broken_below_ = epoch;
    if (held_until >= now_ms && !breaks) fail(fmt::format("{} took a lease that somebody held", runner.name()));
    epoch_ = epoch;
    if (now.string("lease.run") == runner.run_id()) runner.epoch = epoch;
    world_.story.tell(runner.name(), "has the lease, epoch {}", epoch);
  }
  if (holds_until != held_until && holds_until != 0 && holds_until != now_ms + World::kLease.count())
    fail(fmt::format("{} has a lease that doesn't hold a lease's time from now", runner.name()));
  if (now.documents("fence").empty()) fenced_below_ = epoch;
}

void Watch::look_at_records(SimulatedRunner& runner) {
  std::map<std::string, std::string> now;
  if (const auto* collection = world_.server.collection("app", kRevisionsCollection))
    for (const Document& record : collection->documents())
      now[*record.string("_id")] = *record.string("run") + " " + std::to_string(record.date("started")->ms);
  if (now == records_) return;
  const std::map<std::string, std::string> before = std::exchange(records_, now);
  for (const auto& [id, whose] : now) {
    const auto found = before.find(id);
    if (found == before.end()) {
      record_changed(runner, "+" + id);
    } else if (found->second != whose) {
      fail(fmt::format("{} recorded {} though it was recorded", runner.name(), id));
    }
  }
  for (const auto& [id, whose] : before)
    if (!now.contains(id)) record_changed(runner, "-" + id);
  if (const std::string what = disagreement(); !what.empty())
    fail(fmt::format("after a record of {} the state and the records disagree: {}", runner.name(), what));
}

void Watch::record_changed(SimulatedRunner& runner, const std::string& step) {
  if (runner.job().verb == Job::Verb::stamp) return;
  world_.story.tell(runner.name(), "{} is recorded", step);
  if (runner.code_ended != step) fail(fmt::format("{} recorded {} whose code hadn't ended", runner.name(), step));
  runner.code_ended.reset();
  runner.landed.insert(step);
  landed_.insert(runner.run_id() + " " + step);
  if (step.front() == '-') half_reverted_.erase(step.substr(1));
  require(database_.recorded(step));
}

void Watch::look_at_log(const Document& command) {
  // Where nothing keeps a late runner out, it may tell what whoever took the lease has told of it.
  std::set<std::tuple<std::int64_t, std::string, std::string, std::string, std::int64_t>> entries;
  for (const Document& entry : world_.server.documents("app", kJournalCollection)) {
    const std::int64_t teller = can_fence() ? 0 : entry.integer("_id.epoch").value_or(0);
    const auto what = std::tuple(teller, *entry.string("run"), *entry.string("direction"), *entry.string("revision"),
                                 entry.date("started")->ms);
    if (!entries.insert(what).second) fail("the journal tells an attempt twice: " + entry.json());
  }
  for (const Document& statement : command.documents("updates")) {
    const Document entry = *statement.document("u");
    const std::string direction = *entry.string("direction");
    if (direction == "stamp") continue;
    const std::string what =
        *entry.string("run") + " " + (direction == "upgrade" ? "+" : "-") + *entry.string("revision");
    if (entry.string("outcome") == "done" && !landed_.contains(what))
      fail(fmt::format("the journal says done of what never was recorded: {}", what));
    look_at_entry(entry);
  }
}

void Watch::look_at_entry(const Document& entry) {
  const bool is_open = state_.string("attempt.run") == entry.string("run") &&
                       state_.string("attempt.revision") == entry.string("revision") &&
                       state_.date("attempt.started") == entry.date("started");
  if (!is_open || entry.string("outcome") == "done") return;
  const std::string what = database_.logged(entry);
  if (can_fence()) require(what);  // else somebody's late writes may have changed anything
}

bool Watch::says_applied(const std::set<std::string>& ids) const {
  if (state_.integer("count") != static_cast<std::int64_t>(ids.size())) return false;
  AppliedDigest digest;
  for (const std::string& id : ids) digest.add(id);
  if (!(AppliedDigest(state_.string("digest").value_or("")) == digest)) return false;
  std::vector<std::string> said = state_.strings("heads");
  std::vector<std::string> wanted = graph_.heads_of(ids);
  std::ranges::sort(said);
  std::ranges::sort(wanted);
  return said == wanted;
}

std::string Watch::disagreement() const {
  const auto attempt = state_.document("attempt");
  std::set<std::string> ids;
  for (const auto& [id, whose] : records_) ids.insert(id);
  if (!state_.has("heads")) return ids.empty() ? "" : "records without a state";
  if (says_applied(ids)) return "";
  if (!attempt) return "no attempt is open that would explain it";
  if (attempt->string("direction") == "stamp") return "";
  const std::string id = attempt->string("revision").value_or("");
  if (ids.erase(id) == 0) ids.insert(id);
  return says_applied(ids) ? "" : "the open attempt at " + id + " doesn't explain it";
}

void Watch::code_started(const SimulatedRunner& runner, const std::string& revision, bool upgrades) {
  if (!active_) return;
  if (!upgrades) half_reverted_.insert(revision);
  if (is_superseded(runner)) return;
  const std::string step = (upgrades ? "+" : "-") + revision;
  if (records_.contains(revision) == upgrades)
    fail(fmt::format("{} runs {} though the records say that it was done", runner.name(), step));
  if (state_.string("attempt.revision") != revision || state_.string("attempt.run") != runner.run_id())
    fail(fmt::format("{} runs {} and no attempt says so", runner.name(), step));
  const auto applied = [&](const std::string& id) { return records_.contains(id); };
  const Revision& its = graph_.at(revision);
  if (upgrades && (!std::ranges::all_of(its.parents, applied) || !std::ranges::all_of(its.depends_on, applied)))
    fail(fmt::format("{} runs {} before what it stands on", runner.name(), step));
  if (!upgrades && (std::ranges::any_of(graph_.children(revision), applied) ||
                    std::ranges::any_of(graph_.dependents(revision), applied)))
    fail(fmt::format("{} runs {} below what is applied", runner.name(), step));
}

void Watch::acknowledged(const SimulatedRunner& runner, const std::string& step) {
  if (!runner.landed.contains(step))
    fail(fmt::format("{} reports {} as done, and no record of it ever landed", runner.name(), step));
}

std::string Watch::disorder() const {
  if (const std::string what = disagreement(); !what.empty()) return what;
  if (state_.has("attempt")) return "an attempt is open";
  if (state_.date("lease.expires").value_or(Date{}).ms > world_.server_ms()) return "the lease is held";
  return "";
}

}  // namespace treering::simulation
