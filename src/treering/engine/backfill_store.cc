// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/backfill_store.h"

#include <utility>

#include "treering/base/error.h"
#include "treering/base/planted_flaw.h"
#include "treering/base/reply.h"
#include "treering/engine/cursor.h"
#include "treering/engine/known_schema.h"
#include "treering/engine/server_time.h"
#include "treering/engine/state_fields.h"

namespace treering {
namespace {

constexpr std::chrono::milliseconds kRangeTime{60000};

Document updates_of(const std::vector<Document>& statements) {
  return Document().add("update", kBackfillsCollection).add_array("updates", statements);
}

Document move_statement(const std::string& job, std::int64_t number, const Document& next) {
  return Document()
      .add("q", Document().add("_id", job).add("n", number))
      .add("u", Document().add("$set", Document().add("n", number + 1).add("next", next)));
}

// Ids of backfills that begin with this and a colon: a semicolon comes after it.
Document begins_with(std::string_view start) {
  const std::string name(start);
  return Document().add("$gte", name + ":").add("$lt", name + ";");
}

}  // namespace

BackfillStore::BackfillStore(Connection& connection, std::string database, std::string owner, BackfillWorker kind)
    : connection_(connection), database_(std::move(database)), owner_(std::move(owner)), kind_(kind) {}

Document BackfillStore::write(const Document& command) {
  Document reply = connection_.command(database_, command);
  require_written(reply);
  return reply;
}

Document BackfillStore::update(const Document& query, const Document& change) {
  Document statement;
  statement.add("q", query).add("multi", true);
  if (change.has("0")) {
    statement.add_array("u", change);
  } else {
    statement.add("u", change);
  }
  return write(updates_of({statement}));
}

std::optional<BackfillStore::Begun> BackfillStore::begun(const BackfillJob& job) {
  const auto before = noted(job.id);
  if (!before) return std::nullopt;
  return Begun{job_from(*before), *before->boolean("ended")};
}

bool BackfillStore::begin(const BackfillJob& job) {
  for (const std::string& earlier : noted_as(job_name(job.id))) forget_job(earlier);
  try {
    write(
        Document().add("insert", kBackfillsCollection).add_array("documents", std::vector<Document>{document_of(job)}));
  } catch (const ServerError& error) {
    if (error.code() != kDuplicateKey) throw;
    return false;
  }
  return true;
}

// Backfills of that name, of this collection or of one that was undone; or ranges alone: a helper that came late may
// have left one where the backfill itself is gone.
std::set<std::string> BackfillStore::noted_as(std::string_view name) {
  const std::vector<Document> either{Document().add("_id", begins_with(name)),
                                     Document().add("_id.job", begins_with(name))};
  Document find;
  find.add("find", kBackfillsCollection).add("filter", Document().add_array("$or", either));
  std::set<std::string> ids;
  for (const Document& found : read_cursor(connection_, database_, find.add("projection", Document().add("_id", 1)))) {
    const std::string id = found.string("_id").value_or(found.string("_id.job").value_or(""));
    if (job_name(id) == name) ids.insert(id);  // the name of a collection may hold a colon
  }
  return ids;
}

void BackfillStore::forget_of(const std::string& collection) {
  Document find;
  find.add("find", kBackfillsCollection).add("filter", Document().add("collection", collection));
  for (const Document& found : read_cursor(connection_, database_, find.add("projection", Document().add("_id", 1))))
    forget_job(found.string("_id").value_or(""));
}

// The backfill first: from then on nobody takes a range of it. Whoever has one finds at the end of its transaction that
// it is gone.
void BackfillStore::forget_job(const std::string& job) {
  free_ranges_of_runners(job);
  write(Document()
            .add("delete", kBackfillsCollection)
            .add_array("deletes", std::vector<Document>{Document().add("q", Document().add("_id", job)).add("limit", 1),
                                                        Document().add("q", ranges_of(job)).add("limit", 0)}));
}

std::string BackfillStore::uuid_of(const std::string& collection) {
  return KnownSchema(connection_).collection(database_, collection).uuid;
}

std::optional<Document> BackfillStore::noted(const std::string& job) {
  Document find;
  find.add("find", kBackfillsCollection).add("filter", Document().add("_id", job)).add("limit", 1);
  const auto found = read_cursor(connection_, database_, find);
  if (found.empty()) return std::nullopt;
  require_backfill_fields(found.front());
  return found.front();
}

// A transaction that a dead process left open holds its documents, for a minute on most servers.
void BackfillStore::end_session(const Document& session) {
  if (session.empty()) return;
  try {
    connection_.command("admin", Document().add_array("killSessions", std::vector<Document>{session}));
  } catch (const ServerError&) {
    // Not allowed, or gone already: then its transactions end by the server's clock.
  }
}

void BackfillStore::free_ranges_of_runners(const std::string& job) {
  Document find;
  find.add("find", kBackfillsCollection).add("filter", ranges_of(job).add("state", "open").add("runner", true));
  for (const Document& open : read_cursor(connection_, database_, find))
    end_session(open.document("session").value_or(Document()));
  update(ranges_of(job).add("state", "open").add("runner", true),
         Document().add("$set", Document().add("until", Date{0})));
}

void BackfillStore::end(const std::string& job, const BackfillCount& sums) {
  update(Document().add("_id", job),
         Document().add("$set", Document().add("ended", true).add("found", sums.found).add("changed", sums.changed)));
  write(Document()
            .add("delete", kBackfillsCollection)
            .add_array("deletes", std::vector<Document>{Document().add("q", ranges_of(job)).add("limit", 0)}));
}

std::vector<BackfillJob> BackfillStore::open_jobs() {
  Document find;
  find.add("find", kBackfillsCollection).add("filter", Document().add("ended", false));
  std::vector<BackfillJob> jobs;
  for (const Document& found : read_cursor(connection_, database_, find)) jobs.push_back(job_from(found));
  return jobs;
}

std::optional<BackfillRange> BackfillStore::take(const BackfillJob& job, KeyWalk& keys) {
  if (auto range = cut_off(job, keys)) return range;
  return take_over(job);  // what is left is others', unless they died
}

std::optional<BackfillRange> BackfillStore::take_over(const BackfillJob& job) {
  Document set;
  set.add("owner", literal(owner_))
      .add("until", server_time_plus(kRangeTime))
      .add("runner", kind_ == BackfillWorker::runner);
  set.add("session", Document().add("$literal", connection_.session_id()));
  Document command;
  command.add("findAndModify", kBackfillsCollection)
      .add("query", ranges_of(job.id).add("state", "open").add("$expr", is_past("until")))
      .add_array("update", std::vector<Document>{Document().add("$set", set)})
      .add("new", false);
  const auto taken = write(command).document("value");
  if (!taken) return std::nullopt;
  end_session(taken->document("session").value_or(Document()));
  return range_from(*taken);
}

// Where the backfill is; nothing where it has ended. What we moved last ourselves needn't be asked.
std::optional<BackfillStore::Place> BackfillStore::place_of(const BackfillJob& job) {
  if (place_) return place_;
  const auto found = noted(job.id);
  if (!found || *found->boolean("ended")) return std::nullopt;
  return Place{*found->integer("n"), found->document("next").value_or(Document())};
}

// Makes the range's document, ours for a while.
Document BackfillStore::claim_statement(const BackfillRange& range) {
  const auto given = [](const Document& value) { return Document().add("$literal", value); };
  Document set;
  set.add("state", "open").add("owner", literal(owner_)).add("runner", kind_ == BackfillWorker::runner);
  if (const Document session = connection_.session_id(); !session.empty()) set.add("session", given(session));
  if (range.keys.start == RangeStart::with) set.add("with_from", true);
  set.add("from", given(range.keys.from)).add("to", given(range.keys.to)).add("until", server_time_plus(kRangeTime));
  Document statement;
  return statement.add("q", Document().add("_id", range.id).add("state", Document().add("$exists", false)))
      .add_array("u", std::vector<Document>{Document().add("$set", set)})
      .add("upsert", true);
}

// The range's document first, then the place where the next begins: whoever finds the one without the other does the
// second half. Both go in one command, whose second statement isn't carried out where the first fails.
BackfillStore::Cut BackfillStore::cut(const BackfillJob& job, std::int64_t number, const BackfillRange& range) {
  const Document move = move_statement(job.id, number, range.keys.to);
  try {
    const std::vector<Document> both{claim_statement(range), move};
    return write(updates_of(both)).integer("n").value_or(0) == 2 ? Cut::ours_and_moved : Cut::ours;
  } catch (const ServerError& error) {
    if (error.code() != kDuplicateKey) throw;
    return Cut::taken;
  }
}

std::optional<BackfillRange> BackfillStore::cut_off(const BackfillJob& job, KeyWalk& walk) {
  for (;;) {
    const auto place = place_of(job);
    if (!place) return std::nullopt;
    const auto keys = walk.next(job, place->next);
    if (!keys) return std::nullopt;
    const BackfillRange range{range_id(job.id, place->number), *keys};
    const Cut result = cut(job, place->number, range);
    place_.reset();
    if (result == Cut::ours_and_moved) place_ = Place{place->number + 1, keys->to};
    if (result == Cut::ours && came_too_late(job, place->number)) {
      give_back(range);
      return std::nullopt;
    }
    if (result != Cut::taken) return range;
    if (const auto ours = move_past(job, place->number, range.id)) return ours;
  }
}

// Whoever finds a range that nobody has, at a place that isn't the next any more, may have slept while all was done,
// this range too, and its notes were taken away.
bool BackfillStore::came_too_late(const BackfillJob& job, std::int64_t number) {
  const auto now = noted(job.id);
  return !now || *now->boolean("ended") || *now->integer("n") <= number;
}

void BackfillStore::give_back(const BackfillRange& range) {
  const Document ours = Document().add("_id", range.id).add("owner", owner_).add("state", "open");
  write(Document()
            .add("delete", kBackfillsCollection)
            .add_array("deletes", std::vector<Document>{Document().add("q", ours).add("limit", 1)}));
}

// Mostly others have it. Or ourselves: the reply was lost, and with it what would have told the server that we say it
// again.
std::optional<BackfillRange> BackfillStore::move_past(const BackfillJob& job, std::int64_t number,
                                                      const Document& range) {
  Document find;
  find.add("find", kBackfillsCollection).add("filter", Document().add("_id", range));
  const auto found = read_cursor(connection_, database_, find);
  if (found.empty()) return std::nullopt;  // the backfill ended meanwhile
  const BackfillRange there = range_from(found.front());
  write(updates_of({move_statement(job.id, number, there.keys.to)}));
  const Document session = found.front().document("session").value_or(Document());
  const bool is_ours = !session.empty() && session == connection_.session_id();
  return is_ours && found.front().string("state") == "open" ? std::optional(there) : std::nullopt;
}

bool BackfillStore::finish(const BackfillRange& range, std::int64_t found, std::int64_t changed) {
  Document set;
  set.add("state", "done").add("found", found).add("changed", changed);
  const Document reply =
      update(Document().add("_id", range.id).add("owner", owner_).add("state", "open"), Document().add("$set", set));
  return reply.integer("n").value_or(0) == 1;
}

void BackfillStore::free(const BackfillRange& range) {
  update(Document().add("_id", range.id).add("owner", owner_).add("state", "open"),
         Document().add("$set", Document().add("until", Date{0})));
}

BackfillCount BackfillStore::count(const std::string& job) {
  Document group;
  group.add_null("_id").add("ranges", Document().add("$sum", 1));
  Document is_open;
  is_open.add_array("$cond", Document()
                                 .add("0", Document().add_array("$eq", std::vector<std::string>{"$state", "open"}))
                                 .add("1", 1)
                                 .add("2", 0));
  group.add("open", Document().add("$sum", is_open));
  group.add("found", Document().add("$sum", "$found")).add("changed", Document().add("$sum", "$changed"));
  Document command;
  command.add("aggregate", kBackfillsCollection)
      .add_array("pipeline",
                 std::vector<Document>{Document().add("$match", ranges_of(job)), Document().add("$group", group)})
      .add("cursor", Document());
  BackfillCount result;
  for (const Document& sums : read_cursor(connection_, database_, command)) {
    result.ranges = sums.integer("ranges").value_or(0);
    result.open = sums.integer("open").value_or(0);
    result.found = sums.integer("found").value_or(0);
    result.changed = sums.integer("changed").value_or(0);
  }
  if (result.ranges > 0) return result;
  // It has ended: its ranges are gone, and their sums stand with it.
  if (const auto ended = noted(job)) {
    result.found = ended->integer("found").value_or(0);
    result.changed = ended->integer("changed").value_or(0);
  }
  return result;
}

void BackfillStore::forget(const std::vector<std::string>& steps) {
  std::vector<Document> deletes;
  for (const std::string& step : steps)
    for (const char* field : {"_id", "_id.job"})
      deletes.push_back(Document().add("q", Document().add(field, begins_with(step))).add("limit", 0));
  write(Document().add("delete", kBackfillsCollection).add_array("deletes", deletes));
}

}  // namespace treering
