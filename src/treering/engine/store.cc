// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/store.h"

#include "treering/base/planted_flaw.h"
#include "treering/base/reply.h"
#include "treering/engine/cursor.h"
#include "treering/engine/server_time.h"
#include "treering/engine/state_fields.h"

namespace treering {
namespace {

bool is_planted_in(const Document& update) { return planted(Flaw::applied_without_epoch) && update.has("$set.heads"); }

Document state_id() { return Document().add("_id", "state"); }

Document free_lease_fields() { return Document().add("expires", Date{0}); }

Document new_state_document(std::int64_t epoch) {
  return state_id().add("format", kStateFormat).add("epoch", epoch).add("lease", free_lease_fields());
}

// Runs that may have had the lease since the journal's last entry, and left none.
constexpr std::int64_t kWithoutEntry = 1000;

// As the value of an operator, so that it takes the place of the old lease instead of being merged into it.
Document merged(const Document& fields) { return Document().add_array("$mergeObjects", std::vector<Document>{fields}); }

// `fence` with the sessions of the lease as it is added: theirs whose writes may still come.
Document fence_with_holder() {
  const auto or_none = [](const char* field) {
    Document terms;
    terms.add("0", field).add_array("1", Document());
    return Document().add_array("$ifNull", terms);
  };
  return Document().add_array("$concatArrays", std::vector<Document>{or_none("$fence"), or_none("$lease.sessions")});
}

Document lease_of(const Holder& me, std::chrono::milliseconds lease, const std::vector<Document>& sessions) {
  Document fields;
  fields.add("host", literal(me.host))
      .add("pid", me.pid)
      .add("user", literal(me.user))
      .add("run", literal(me.run))
      .add("since", "$$NOW")
      .add("renewed", "$$NOW")
      .add("expires", server_time_plus(lease))
      .add("doing", "")
      .add("sessions", Document().add_array("$literal", sessions));
  return merged(fields);
}

// The lease is free; who had it is to be fenced, since what it sent last may still come.
Document freed_lease() {
  Document literal_lease;
  literal_lease.add("$literal", free_lease_fields());
  return Document().add("fence", fence_with_holder()).add("lease", merged(literal_lease));
}

Document pushed_sessions(const std::vector<Document>& sessions) {
  return Document().add("lease.sessions", Document().add_array("$each", sessions));
}

// "upgrade" -> "upgrading", "stamp" -> "stamping"
std::string in_progress(std::string_view direction) {
  if (direction.ends_with('e')) direction.remove_suffix(1);
  return std::string(direction) + "ing";
}

// Takes the lease and the next epoch in one step, where it is free.
Document lease_command(const Holder& me, std::chrono::milliseconds lease, const std::vector<Document>& sessions) {
  Document terms;
  terms.add("0", "$epoch").add("1", std::int64_t{1});
  Document next_epoch;
  next_epoch.add_array("$add", terms);
  Document set;
  set.add("fence", fence_with_holder()).add("lease", lease_of(me, lease, sessions)).add("epoch", next_epoch);
  Document stage;
  stage.add("$set", set);
  Document command;
  return command.add("findAndModify", kStateCollection)
      .add("query", state_id().add("$expr", is_past("lease.expires")))
      .add_array("update", std::vector<Document>{stage})
      .add("new", true)
      .add("writeConcern", durable());
}

}  // namespace

Document durable() { return Document().add("w", "majority").add("j", true); }

void Store::write(const Document& command) {
  Document whole = command;
  whole.add("writeConcern", durable());
  require_written(connection_.command(database_, whole));
}

Document Store::read_state_document() {
  // `now` beside the document: how long ago the lease was renewed is told by the server's clock, not by ours.
  Document projection;
  projection.add("now", "$$NOW");
  for (const char* field : {"format", "epoch", "lease", "heads", "count", "digest", "attempt", "fence"})
    projection.add(field, 1);
  // Not by find: not every server computes fields in its projections.
  Document match;
  match.add("$match", state_id());
  Document project;
  project.add("$project", projection);
  Document command;
  command.add("aggregate", kStateCollection)
      .add_array("pipeline", std::vector<Document>{match, project})
      .add("cursor", Document());
  auto found = connection_.command(database_, command).documents("cursor.firstBatch");
  return found.empty() ? Document() : found.front();
}

std::optional<State> Store::read_state() {
  Document found = read_state_document();
  if (found.empty()) return std::nullopt;
  return state_from(found);
}

std::variant<State, LeaseView> Store::take_lease(const Holder& me, std::chrono::milliseconds lease,
                                                 const std::vector<Document>& sessions) {
  const Document command = lease_command(me, lease, sessions);
  // The document may be missing once, and the lease may be given back between asking and looking, now and then again.
  constexpr int kAttempts = 10;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Document reply = connection_.command(database_, command);
    require_written(reply);
    if (auto value = reply.document("value")) return state_from(*value);
    Document found = read_state_document();
    if (found.empty()) {
      create_state();
      continue;
    }
    State state = state_from(found);  // refuses what isn't ours to wait for
    // Asked before, unheard: the reply was lost, and with it what would have told the server that we say it again.
    if (!sessions.empty() && found.documents("lease.sessions") == sessions && renew_lease(state.epoch, lease))
      return state;
    if (LeaseView view = lease_from(found); !view.holder.run.empty()) return view;
  }
  return lease_from(read_state_document());
}

// Where the state was lost the journal is left: its entries are told apart by their epoch, and a runner that still
// works with the lost state is known by its own.
std::int64_t Store::first_epoch() {
  Document find;
  find.add("find", kJournalCollection).add("sort", Document().add("_id.epoch", -1)).add("limit", 1);
  const auto last = read_cursor(connection_, database_, find);
  return last.empty() ? 0 : last.front().integer("_id.epoch").value_or(0) + kWithoutEntry;
}

void Store::create_state() {
  Document insert;
  insert.add("insert", kStateCollection)
      .add_array("documents", std::vector<Document>{new_state_document(first_epoch())});
  try {
    write(insert);
  } catch (const ServerError& error) {
    if (error.code() != kDuplicateKey) throw;  // another runner created it just now
  }
}

// `before`: statements of the same command; each changes one document.
bool Store::update_state(std::int64_t epoch, const Document& update, const std::vector<Document>& before) {
  Document statement;
  statement.add("q", is_planted_in(update) ? state_id() : state_id().add("epoch", epoch));
  // An update with a pipeline is an array, one with operators a document.
  if (update.has("0")) {
    statement.add_array("u", update);
  } else {
    statement.add("u", update);
  }
  std::vector<Document> statements = before;
  statements.push_back(statement);
  Document command;
  command.add("update", kStateCollection).add_array("updates", statements).add("writeConcern", durable());
  Document reply = connection_.command(database_, command);
  require_written(reply);
  return reply.integer("n").value_or(0) == static_cast<std::int64_t>(statements.size());
}

bool Store::renew_lease(std::int64_t epoch, std::chrono::milliseconds lease) {
  Document set;
  set.add("lease.renewed", "$$NOW").add("lease.expires", server_time_plus(lease));
  Document stage;
  stage.add("$set", set);
  return update_state(epoch, Document::array(std::vector<Document>{stage}));
}

bool Store::add_sessions(std::int64_t epoch, const std::vector<Document>& sessions) {
  return update_state(epoch, Document().add("$push", pushed_sessions(sessions)));
}

bool Store::fence(std::int64_t epoch, const Document& session) {
  Document statement;
  statement.add("q", state_id().add("epoch", epoch)).add("u", Document().add("$inc", Document().add("fences", 1)));
  Document command;
  command.add("update", kStateCollection)
      .add_array("updates", std::vector<Document>{statement})
      .add("writeConcern", durable());
  const Document reply = connection_.fence(session, database_, command);
  require_written(reply);
  return reply.integer("n").value_or(0) == 1;
}

bool Store::forget_fence(std::int64_t epoch) {
  return update_state(epoch, Document().add("$unset", Document().add("fence", "")));
}

bool Store::advance(std::int64_t epoch, const AppliedState& applied, const std::optional<Attempt>& next,
                    const Holder& me, const std::vector<Document>& sessions) {
  Document set = applied_fields(applied);
  Document update;
  if (!sessions.empty()) update.add("$push", pushed_sessions(sessions));
  if (next) {
    set.add("lease.doing", in_progress(next->direction) + " " + next->revision);
    set.add("attempt", attempt_document(*next, me));
    update.add("$set", set);
  } else {
    set.add("lease.doing", "");
    update.add("$set", set).add("$unset", Document().add("attempt", ""));
  }
  return update_state(epoch, update);
}

bool Store::free_lease(std::int64_t epoch) {
  return update_state(epoch, Document::array(std::vector<Document>{Document().add("$set", freed_lease())}));
}

bool Store::break_lease(std::int64_t epoch) {
  Document set = freed_lease();
  set.add("epoch", epoch + 1);
  return update_state(epoch, Document::array(std::vector<Document>{Document().add("$set", set)}));
}

bool Store::release(std::int64_t epoch, const AppliedState& applied) {
  Document set = applied_fields(applied);
  set.add("lease", free_lease_fields());
  Document update;
  update.add("$set", set).add("$unset", Document().add("attempt", ""));
  return update_state(epoch, update);
}

}  // namespace treering
