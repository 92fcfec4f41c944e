// SPDX-License-Identifier: Apache-2.0
// Writes that wait for each other, and changes of data that take long.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "treering/base/amount.h"
#include "treering/base/error.h"
#include "treering/base/reply.h"
#include "treering/engine/env.h"
#include "treering/engine/preview.h"
#include "treering/engine/refused_index.h"

namespace treering {

namespace {

// The first statement that the server refused, of those of `group`.
std::size_t refused_statement(const Document& reply, const WriteBatch::Group& group) {
  const auto errors = reply.documents("writeErrors");
  const auto refused = errors.empty() ? 0 : static_cast<std::size_t>(errors.front().integer("index").value_or(0));
  return std::min(refused, group.places.size() - 1);
}

// Adds the field "place": that of the call which the server refused, where it has one; and where nobody can tell which
// of several calls for an index that was, "places": all of theirs, a line each.
void add_places(ServerError& error, const WriteBatch::Group& group) {
  const auto* indexes = std::get_if<CreateIndexes>(&group.operation.body);
  const auto refused = indexes == nullptr ? std::optional(refused_statement(error.reply(), group))
                                          : refused_index(*indexes, error.reply());
  const std::string& place = group.places.at(refused.value_or(0));
  if (!place.empty()) error.with("place", place);
  if (refused) return;
  std::vector<std::string> places = group.places;
  places.erase(std::unique(places.begin(), places.end()), places.end());
  if (places.size() > 1) error.with("places", fmt::format("{}", fmt::join(places, "\n")));
}

}  // namespace

void Env::begin_batch(std::int64_t size) {
  std::lock_guard lock(mutex_);
  if (size < 1) throw Error(Kind::usage, fmt::format("a batch of {} writes can't be", size), "take 1000");
  if (batch_) throw Error(Kind::usage, "a batch is open already", "end it before another one begins");
  batch_refused_.reset();
  batch_.emplace(static_cast<std::size_t>(size));
}

void Env::end_batch() {
  std::lock_guard lock(mutex_);
  require_batch_in_order();
  if (!batch_) return;
  const std::vector<WriteBatch::Group> last = batch_->take_all();
  batch_.reset();
  send_waiting(last);
}

// Else who catches the exception of one write would lose the others without a word.
void Env::require_batch_in_order() {
  if (!batch_refused_) return;
  throw Error(
      Kind::usage,
      fmt::format("a write of this batch was refused ({}), and what waited behind it was not sent", *batch_refused_),
      "let its exception leave the block of the batch");
}

void Env::drop_batch() {
  std::lock_guard lock(mutex_);
  batch_.reset();
  batch_refused_.reset();
}

bool Env::in_batch() const {
  std::lock_guard lock(mutex_);
  return batch_.has_value();
}

void Env::require_ended() const {
  std::lock_guard lock(mutex_);
  if (backfill_was_cut_off_)
    throw Error(Kind::migration_failed, "a backfill was still under way in a thread when the migration returned",
                "join the thread before that; the next run goes on where the backfill stopped");
  const std::size_t waiting = batch_ ? batch_->waiting() : 0;
  if (waiting == 0) return;
  throw Error(Kind::migration_failed,
              fmt::format("{} of a batch that was begun and not ended {} not sent",
                          counted(static_cast<std::int64_t>(waiting), "write"), waiting == 1 ? "was" : "were"),
              "leave its block before the migration returns; a generator that isn't run to its end doesn't leave it");
}

void Env::send_waiting(const std::vector<WriteBatch::Group>& groups) {
  for (const WriteBatch::Group& group : groups) {
    try {
      const Document reply = carry_out(group.operation);
      if (!reply.documents("writeErrors").empty() || reply.has("writeConcernError")) throw ServerError(reply);
    } catch (ServerError& error) {
      add_places(error, group);
      const std::string_view place = error.field("place");
      if (batch_) batch_refused_ = fmt::format("{}{}{}", place, place.empty() ? "" : ": ", error.what());
      batch_.reset();
      throw;
    }
  }
}

// A cursor that is open already needn't see what was written since.
void Env::send_what_a_read_may_see(const std::string& database, const Document& command) {
  const auto first = command.first();
  if (!batch_ || !first || first->key() == "getMore" || first->key() == "killCursors") return;
  const std::string_view name = first->key();
  const bool is_plain = name == "find" || name == "count" || name == "distinct" || name == "listIndexes";
  const auto collection = first->string();
  send_waiting(is_plain && collection ? batch_->take(database, *collection) : batch_->take_all());
}

// The run's own connection stands behind both calls, which the code's other threads use as well.
BackfillPlace Env::backfill_place() {
  BackfillPlace place;
  place.server = surroundings_.server;
  place.clock = surroundings_.clock;
  place.observer = surroundings_.observer;
  place.database = database_;
  place.owner = surroundings_.run;
  place.before_change = [this] {
    std::lock_guard locked(mutex_);
    if (backfills_are_over_) throw Error(Kind::usage, "the migration is over, and its backfill ends with it");
    if (before_change_) before_change_();
  };
  place.session_started = [this](const std::vector<Document>& sessions) {
    std::lock_guard locked(mutex_);
    if (surroundings_.session_started) surroundings_.session_started(sessions);
  };
  return place;
}

void Env::end_backfills() {
  std::unique_lock lock(mutex_);
  backfills_are_over_ = true;
  backfill_was_cut_off_ = backfill_was_cut_off_ || backfills_under_way_ > 0;
  backfill_ended_.wait(lock, [this] { return backfills_under_way_ == 0; });
}

BackfillReport Env::backfill_dry(const BackfillRequest& request) {
  if (batch_) send_waiting(batch_->take_all());
  if (surroundings_.observer != nullptr && !has_collection_locked(database_, request.collection))
    surroundings_.observer->note(no_collection_to_backfill(request.collection));
  const auto begun = begun_backfill(connection_, database_, request);
  const std::int64_t found =
      surroundings_.preview->backfill(database_, request.collection, request.filter, request.change, begun);
  backfills_done_.insert(request.id);
  return {found};
}

// Refuses what can't be here, and gives the request its id.
void Env::begin_backfill(BackfillRequest& request) {
  require_users(database_, request.collection);
  if (backfills_are_over_) throw Error(Kind::usage, "the migration is over, and no backfill begins any more");
  require_batch_in_order();
  require_backfill(request);
  const int number = done_.backfills++;
  done_.backfilled.insert(database_ + "." + request.collection);
  request.id = fmt::format("{}:{}:{}", surroundings_.step.empty() ? surroundings_.run : surroundings_.step,
                           request.collection, request.name.empty() ? std::to_string(number) : "=" + request.name);
  if (backfills_done_.contains(request.id))
    throw Error(
        Kind::usage,
        fmt::format("a backfill of {} named \"{}\" is done already in this revision", request.collection, request.name),
        "give each its own name");
  if (surroundings_.transaction != nullptr)
    throw Error(Kind::usage, "a backfill commits batch by batch, and this revision is one transaction",
                "give the revision `transactional = False`");
}

BackfillReport Env::backfill(BackfillRequest request) {
  BackfillPlace place;
  const std::string name = database_ + "." + request.collection;
  std::int64_t own = 0;  // changed by this process
  {
    std::lock_guard lock(mutex_);
    begin_backfill(request);
    if (surroundings_.preview != nullptr) return backfill_dry(request);
    if (surroundings_.server == nullptr || surroundings_.clock == nullptr)
      throw Error(Kind::usage, "this env has no workers for a backfill");
    if (batch_) send_waiting(batch_->take_all());
    place = backfill_place();
    place.after_change = [this, &name, &own](std::int64_t changed) {
      own += changed;
      std::lock_guard locked(mutex_);
      if (changed > 0) done_.written[name] += changed;
    };
    ++backfills_under_way_;
  }
  struct UnderWay {
    Env& env;
    ~UnderWay() {
      std::lock_guard locked(env.mutex_);
      --env.backfills_under_way_;
      env.backfill_ended_.notify_all();
    }
  } const under_way{*this};
  // Not under the lock: code of the request may ask this env for what it needs.
  const BackfillReport report = treering::backfill(place, request);
  std::lock_guard lock(mutex_);
  backfills_done_.insert(request.id);
  // Outside of a revision nobody would come back to it.
  if (surroundings_.step.empty()) forget_backfills(connection_, database_, {surroundings_.run});
  const std::int64_t by_helpers = report.changed - report.before - own;
  if (by_helpers > 0) done_.written[name] += by_helpers;
  return report;
}

}  // namespace treering
