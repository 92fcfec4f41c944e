// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/backfill_store.h"

#include <algorithm>
#include <utility>

#include "treering/base/error.h"
#include "treering/base/reply.h"
#include "treering/engine/cursor.h"
#include "treering/engine/server_time.h"

namespace treering {
namespace {

constexpr std::chrono::milliseconds kRangeTime{60000};
constexpr std::int32_t kCountPatienceMs = 5000;

// Filters and changes are kept as bytes: the server may not store names that start with a dollar sign.
void add_packed(Document& to, std::string_view name, const Document& value) {
  to.add_binary(name, value.bytes(), BSON_SUBTYPE_BINARY);
}

Document unpacked(const Document& from, std::string_view name) {
  const auto field = from.find(name);
  if (!field || field->type() != BSON_TYPE_BINARY) return {};
  bson_subtype_t subtype{};
  std::uint32_t size = 0;
  const std::uint8_t* data = nullptr;
  bson_iter_binary(&field->iter(), &subtype, &size, &data);
  return Document::from_bytes({data, size});
}

Document range_id(const std::string& job, std::int64_t number) { return Document().add("job", job).add("n", number); }

Document ranges_of(const std::string& job) { return Document().add("_id.job", job); }

BackfillRange range_from(const Document& document) {
  BackfillRange range;
  range.id = document.document("_id").value_or(Document());
  range.keys.from = document.document("from").value_or(Document());
  range.keys.to = document.document("to").value_or(Document());
  return range;
}

BackfillJob job_from(const Document& document) {
  BackfillJob job;
  job.id = document.string("_id").value_or("");
  job.collection = document.string("collection").value_or("");
  job.key = document.string("key").value_or("_id");
  job.filter = unpacked(document, "filter");
  job.change = unpacked(document, "change");
  job.batch = document.integer("batch").value_or(1000);
  job.total = document.integer("total");
  return job;
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
  return write(Document().add("update", kBackfillsCollection).add_array("updates", std::vector<Document>{statement}));
}

bool BackfillStore::begin(const BackfillJob& job) {
  Document fresh;
  fresh.add("_id", job.id).add("collection", job.collection).add("key", job.key).add("batch", job.batch);
  add_packed(fresh, "filter", job.filter);
  add_packed(fresh, "change", job.change);
  fresh.add("n", std::int64_t{0}).add("ended", false);
  Document count;
  count.add("count", job.collection).add("maxTimeMS", kCountPatienceMs);
  if (!job.filter.empty()) count.add("query", job.filter);
  try {
    if (const auto total = connection_.command(database_, count).integer("n")) fresh.add("total", *total);
  } catch (const ServerError&) {
    // Progress then has no end to show.
  }
  try {
    write(Document().add("insert", kBackfillsCollection).add_array("documents", std::vector<Document>{fresh}));
  } catch (const ServerError& error) {
    if (error.code() != kDuplicateKey) throw;
    return true;
  }
  return false;
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

bool BackfillStore::has_ended(const std::string& job) {
  Document find;
  find.add("find", kBackfillsCollection).add("filter", Document().add("_id", job)).add("limit", 1);
  const auto found = read_cursor(connection_, database_, find);
  return !found.empty() && found.front().boolean("ended").value_or(false);
}

void BackfillStore::end(const std::string& job) {
  const BackfillCount sums = count(job);
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

std::optional<BackfillRange> BackfillStore::take(const BackfillJob& job) {
  if (auto range = cut_off(job)) return range;
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

// Where the range after `from` ends; nothing where there is none. The keys come from one cursor, a batch a range, as
// long as nobody else takes ranges in between.
std::optional<Document> BackfillStore::key_after(const BackfillJob& job, const Document& from) {
  const auto size = static_cast<std::int32_t>(std::min<std::int64_t>(job.batch, 1000000));
  Document reply;
  if (keys_ && keys_->id != 0 && keys_->at == from) {
    Document more;
    more.add("getMore", keys_->id).add("collection", job.collection).add("batchSize", size);
    try {
      reply = connection_.command(database_, more);
    } catch (const ServerError&) {
      keys_.reset();  // the server closes a cursor that waits for long: another one
    }
  } else if (keys_ && keys_->id == 0 && keys_->at == from) {
    keys_.reset();  // the cursor's end: look whether more came meanwhile
  }
  if (reply.empty()) {
    forget_keys(job);
    const bool by_id = job.key == "_id";
    Document projection;
    projection.add("_id", by_id ? 1 : 0);
    if (!by_id) projection.add(job.key, 1);
    Document find;
    find.add("find", job.collection)
        .add("filter", after_query(job.key, from, job.filter))
        .add("sort", Document().add(job.key, 1))
        .add("projection", projection)
        .add("batchSize", size);
    reply = connection_.command(database_, find);
  }
  auto batch = reply.documents("cursor.nextBatch");
  if (batch.empty()) batch = reply.documents("cursor.firstBatch");
  if (batch.empty()) {
    keys_.reset();
    return std::nullopt;
  }
  const auto value = batch.back().find(job.key);
  const Document key = value ? Document().add("", *value) : Document().add_null("");
  keys_ = Keys{reply.integer("cursor.id").value_or(0), key};
  return key;
}

void BackfillStore::forget_keys(const BackfillJob& job) {
  const auto keys = std::exchange(keys_, std::nullopt);
  if (!keys || keys->id == 0) return;
  Document command;
  command.add("killCursors", job.collection).add_array("cursors", Document().add("0", keys->id));
  try {
    connection_.command(database_, command);
  } catch (const ServerError&) {
    // It closes idle cursors by itself.
  }
}

// Where the backfill is; nothing where it has ended. What we moved last ourselves needn't be asked.
std::optional<BackfillStore::Place> BackfillStore::place_of(const BackfillJob& job) {
  if (place_) return place_;
  Document find;
  find.add("find", kBackfillsCollection).add("filter", Document().add("_id", job.id)).add("limit", 1);
  const auto found = read_cursor(connection_, database_, find);
  if (found.empty() || found.front().boolean("ended").value_or(false)) return std::nullopt;
  return Place{found.front().integer("n").value_or(0), found.front().document("next").value_or(Document())};
}

// Makes the range's document, ours for a while. False where somebody made it before.
bool BackfillStore::claim(const Document& id, const KeyRange& keys) {
  const auto given = [](const Document& value) { return Document().add("$literal", value); };
  Document set;
  set.add("state", "open").add("owner", literal(owner_)).add("runner", kind_ == BackfillWorker::runner);
  if (const Document session = connection_.session_id(); !session.empty()) set.add("session", given(session));
  if (!keys.from.empty()) set.add("from", given(keys.from));
  set.add("to", given(keys.to)).add("until", server_time_plus(kRangeTime));
  Document statement;
  statement.add("q", Document().add("_id", id).add("state", Document().add("$exists", false)))
      .add_array("u", std::vector<Document>{Document().add("$set", set)})
      .add("upsert", true);
  try {
    write(Document().add("update", kBackfillsCollection).add_array("updates", std::vector<Document>{statement}));
    return true;
  } catch (const ServerError& error) {
    if (error.code() != kDuplicateKey) throw;
    return false;
  }
}

// The range's document first, then the place where the next begins: whoever finds the one without the other does the
// second half.
std::optional<BackfillRange> BackfillStore::cut_off(const BackfillJob& job) {
  for (;;) {
    const auto place = place_of(job);
    if (!place) return std::nullopt;
    BackfillRange range;
    range.id = range_id(job.id, place->number);
    range.keys.from = place->next;
    const auto to = key_after(job, place->next);
    if (!to) return std::nullopt;
    range.keys.to = *to;
    const bool ours = claim(range.id, range.keys);
    if (!ours) {
      Document other;
      other.add("find", kBackfillsCollection).add("filter", Document().add("_id", range.id));
      const auto there = read_cursor(connection_, database_, other);
      place_.reset();
      if (there.empty()) continue;  // the backfill ended meanwhile
      range = range_from(there.front());
    }
    const Document moved =
        update(Document().add("_id", job.id).add("n", place->number),
               Document().add("$set", Document().add("n", place->number + 1).add("next", range.keys.to)));
    if (!ours) continue;
    place_.reset();
    if (moved.integer("n").value_or(0) == 1) place_ = Place{place->number + 1, range.keys.to};
    return range;
  }
}

bool BackfillStore::finish(const BackfillRange& range, std::int64_t found, std::int64_t changed) {
  Document set;
  set.add("state", "done").add("found", found).add("changed", changed);
  const Document reply =
      update(Document().add("_id", range.id).add("owner", owner_).add("state", "open"), Document().add("$set", set));
  return reply.integer("n").value_or(0) == 1;
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
  Document find;
  find.add("find", kBackfillsCollection).add("filter", Document().add("_id", job)).add("limit", 1);
  for (const Document& ended : read_cursor(connection_, database_, find)) {
    result.found = ended.integer("found").value_or(0);
    result.changed = ended.integer("changed").value_or(0);
  }
  return result;
}

void BackfillStore::forget(const std::vector<std::string>& steps) {
  std::vector<Document> deletes;
  for (const std::string& step : steps)
    for (const char* field : {"_id", "_id.job"}) {
      // A semicolon comes after a colon.
      const Document starts_so = Document().add("$gte", step + ":").add("$lt", step + ";");
      deletes.push_back(Document().add("q", Document().add(field, starts_so)).add("limit", 0));
    }
  write(Document().add("delete", kBackfillsCollection).add_array("deletes", deletes));
}

}  // namespace treering
