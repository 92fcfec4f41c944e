// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/backfill.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "treering/base/amount.h"
#include "treering/base/error.h"
#include "treering/base/planted_flaw.h"
#include "treering/base/reply.h"
#include "treering/engine/backfill_store.h"
#include "treering/engine/fenced.h"
#include "treering/engine/key_walk.h"
#include "treering/engine/known_schema.h"
#include "treering/engine/range_worker.h"
#include "treering/engine/transaction_rules.h"
#include "treering/engine/update_rules.h"
#include "treering/engine/with_transaction.h"

namespace treering {
namespace {

constexpr std::chrono::milliseconds kWhileOthersWork{200};

// All threads of this process at one backfill. The first works with what is given, borrowed; the sessions of that
// connection are told already.
class Crew {
 public:
  Crew(const BackfillPlace& place, const BackfillJob& job, const DocumentCode& code, BackfillWorker kind,
       double max_rate, Connection& connection, KeyWalk& keys)
      : place_(place), job_(job), code_(code), kind_(kind), max_rate_(max_rate), connection_(connection), keys_(keys) {}

  // Throws the first error that a worker met, once all have stopped. `before`: documents that were done already.
  RangeResult work(std::int64_t workers, std::int64_t before) {
    done_before_ = before;
    start_us_ = place_.clock->monotonic_us();
    std::vector<std::function<void()>> bodies(static_cast<std::size_t>(workers),
                                              [this] { noting_failure([this] { work_on_another(); }); });
    bodies.front() = [this] { noting_failure([this] { work_on(connection_, keys_); }); };
    place_.clock->together(bodies);
    if (told_) tell(true);
    if (failure_) std::rethrow_exception(failure_);
    return sums_;
  }

 private:
  void work_on(Connection& connection, KeyWalk& keys) {
    RangeWorker worker(place_, job_, code_, kind_, connection, keys);
    worker.work([this] { may_go_on(); }, [this](const RangeResult& changed) { note(changed); });
  }

  void work_on_another() {
    const auto connection = place_.server->connect();
    {
      std::lock_guard lock(mutex_);
      if (place_.session_started) place_.session_started(connection->fenceable_sessions());
    }
    KeyWalk keys(*connection, place_.database);
    work_on(*connection, keys);
  }

  void noting_failure(const std::function<void()>& work) {
    try {
      work();
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  void may_go_on() {
    std::lock_guard lock(mutex_);
    if (failure_) throw Error(Kind::interrupted, "another worker failed");
    if (place_.before_change) place_.before_change();
  }

  void note(const RangeResult& changed) {
    std::chrono::milliseconds ahead{0};
    {
      std::lock_guard lock(mutex_);
      sums_.found += changed.found;
      sums_.changed += changed.changed;
      if (place_.after_change) place_.after_change(changed.changed);
      tell(false);
      if (max_rate_ > 0) {
        const double due_us = static_cast<double>(sums_.found) / max_rate_ * 1e6;
        const double elapsed_us = static_cast<double>(place_.clock->monotonic_us() - start_us_);
        ahead = std::chrono::milliseconds(static_cast<std::int64_t>(std::max(0.0, due_us - elapsed_us) / 1000));
      }
    }
    if (ahead.count() > 0) place_.clock->pause(ahead);
  }

  void tell(bool ended) {
    constexpr std::int64_t kSecond = 1000000;
    const std::int64_t elapsed = place_.clock->monotonic_us() - start_us_;
    if (place_.observer == nullptr || elapsed < kSecond) return;
    told_ = true;
    place_.observer->progress({"backfill " + job_.collection, done_before_ + sums_.found, job_.total, elapsed, ended});
  }

  const BackfillPlace& place_;
  const BackfillJob& job_;
  const DocumentCode& code_;
  BackfillWorker kind_;
  double max_rate_;
  Connection& connection_;
  KeyWalk& keys_;
  std::mutex mutex_;
  RangeResult sums_;
  std::exception_ptr failure_;
  std::int64_t start_us_ = 0;
  std::int64_t done_before_ = 0;
  bool told_ = false;
};

BackfillJob job_of(const BackfillRequest& request, const std::string& uuid) {
  return {job_id(request.id, planted(Flaw::backfill_notes_outlive) ? "" : uuid),
          request.collection,
          uuid,
          request.key,
          request.filter,
          request.change,
          request.batch,
          {}};
}

// Whoever edits a revision between two runs would get some documents changed in the one way, and some in the other.
void require_same(const BackfillJob& job, const BackfillJob& begun) {
  const char* other = nullptr;
  if (!(job.filter == begun.filter)) other = "filter";
  if (job.key != begun.key) other = "key";
  if (!(job.change == begun.change)) other = "change";
  if (other == nullptr) return;
  throw Error(
      Kind::usage, fmt::format("an earlier run began this backfill of {} with another {}", job.collection, other),
      "write it as it was, and it goes on; or give it a name of its own (name=\"second try\"), and it begins with "
      "the first document")
      .with("collection", job.collection);
}

void tell_of_no_collection(const BackfillPlace& place, Connection& connection, const std::string& collection) {
  if (place.observer != nullptr && !has_collection(connection, place.database, collection))
    place.observer->note(no_collection_to_backfill(collection));
}

void tell_resumed(const BackfillPlace& place, const BackfillJob& job, const BackfillCount& before, bool ended) {
  if (place.observer == nullptr) return;
  const std::string done = counted(before.found, "document");
  place.observer->note(
      ended ? fmt::format("backfill {}: an earlier run did all of it ({}); nothing of it is done again", job.collection,
                          done)
            : fmt::format("backfill {}: goes on after {} that an earlier run did", job.collection, done));
}

void require_workers(std::int64_t workers) {
  if (can_be_workers(workers)) return;
  throw Error(Kind::usage, fmt::format("{} workers can't be", workers),
              fmt::format("take one, or as many as cores, and at most {}", kMostWorkers));
}

// Works until nobody has a range any more. `before`: what an earlier run did.
BackfillCount work_until_done(const BackfillPlace& place, const BackfillRequest& request, const BackfillJob& job,
                              BackfillStore& store, Connection& connection, KeyWalk& keys, BackfillCount before) {
  for (bool told_of_others = false;;) {
    Crew crew(place, job, request.code, BackfillWorker::runner, request.max_rate, connection, keys);
    crew.work(request.workers, before.found);
    before = store.count(job.id);
    if (before.open == 0) return before;
    if (place.observer != nullptr && !std::exchange(told_of_others, true))
      place.observer->note(
          fmt::format("backfill {}: waits for {} that others work at", job.collection, counted(before.open, "range")));
    place.clock->pause(kWhileOthersWork);
    if (place.before_change) place.before_change();
  }
}

}  // namespace

void require_backfill(const BackfillRequest& request) {
  if (request.batch < 1) throw Error(Kind::usage, fmt::format("a batch of {} documents can't be", request.batch));
  require_workers(request.workers);
  if (!(request.max_rate >= 0)) throw Error(Kind::usage, "a rate below nothing can't be");
  if (request.key.empty()) throw Error(Kind::usage, "a backfill's key has to be a field", "leave it out for _id");
  if (!request.code && request.change.empty()) throw Error(Kind::usage, "a backfill needs a change");
  if (const auto update = request.change.find("u"); update && request.key != "_id")
    require_leaves_alone(*update, request.key);
}

void require_can_be_backfilled(const std::string& collection, const std::string& type, const Document& options,
                               bool in_transactions) {
  const char* what = nullptr;
  if (type == "view") what = "a view, and a backfill changes documents of a collection";
  if (type == "timeseries" || options.has("timeseries"))
    what = "a time series, and the server changes no single documents of it";
  if (in_transactions && options.boolean("capped").value_or(false))
    what = "a capped collection, and the server changes none in a transaction, as a backfill does";
  if (what == nullptr) return;
  throw Error(Kind::usage, fmt::format("{} is {}", collection, what),
              type == "view" ? "name the collection that it shows" : "change it with update_many")
      .with("collection", collection);
}

std::optional<BegunBackfill> begun_backfill(Connection& connection, const std::string& database,
                                            const BackfillRequest& request) {
  BackfillStore store(connection, database, "", BackfillWorker::runner);
  const BackfillJob job = job_of(request, store.uuid_of(request.collection));
  const auto begun = store.begun(job);
  if (!begun) return std::nullopt;
  require_same(job, begun->job);
  const BackfillCount done = store.count(job.id);
  return BegunBackfill{{done.found, done.changed, true, done.changed}, begun->job.total};
}

std::string no_collection_to_backfill(const std::string& collection) {
  return fmt::format("backfill {}: there is no such collection, so nothing to change", collection);
}

BackfillReport backfill(const BackfillPlace& place, const BackfillRequest& request) try {
  require_backfill(request);
  const auto connection = place.server->connect();
  if (place.session_started && !planted(Flaw::backfill_not_fenced))
    place.session_started(connection->fenceable_sessions());
  BackfillStore store(*connection, place.database, place.owner, BackfillWorker::runner);
  KnownSchema schema(*connection);
  const KnownSchema::Entry& there = schema.collection(place.database, request.collection);
  require_can_be_backfilled(request.collection, there.type, there.options, has_transactions(*connection));
  const std::string uuid = there.uuid;
  if (uuid.empty()) tell_of_no_collection(place, *connection, request.collection);
  BackfillJob job = job_of(request, uuid);
  if (place.before_change) place.before_change();
  KeyWalk keys(*connection, place.database);
  const auto begun = store.begun(job);
  if (begun) require_same(job, begun->job);
  job.total = begun ? begun->job.total : keys.count(job);
  const bool resumed = begun || !store.begin(job);
  BackfillCount sums;
  if (resumed) sums = store.count(job.id);
  if (resumed) tell_resumed(place, job, sums, begun && begun->ended);
  const std::int64_t before = sums.changed;
  if (!begun || !begun->ended) {
    if (resumed) store.free_ranges_of_runners(job.id);
    sums = work_until_done(place, request, job, store, *connection, keys, sums);
    store.end(job.id, sums);
  }
  return {sums.found, sums.changed, resumed, before};
} catch (const ServerError& error) {
  if (error.code() == kTransactionTooOld) throw fenced(place.database);
  throw;
}

WorkReport work_on_backfills(const BackfillPlace& place, std::int64_t workers, double max_rate) {
  require_workers(workers);
  const auto connection = place.server->connect();
  BackfillStore store(*connection, place.database, place.owner, BackfillWorker::helper);
  WorkReport report;
  const DocumentCode none;
  for (const BackfillJob& job : store.open_jobs()) {
    if (job.change.empty() || job.uuid != store.uuid_of(job.collection)) continue;
    KeyWalk keys(*connection, place.database);
    Crew crew(place, job, none, BackfillWorker::helper, max_rate, *connection, keys);
    const RangeResult changed = crew.work(workers, store.count(job.id).found);
    ++report.backfills;
    report.found += changed.found;
    report.changed += changed.changed;
  }
  return report;
}

void forget_backfills_of(Connection& connection, const std::string& database, const std::string& collection) {
  BackfillStore(connection, database, "", BackfillWorker::runner).forget_of(collection);
}

void forget_backfills(Connection& connection, const std::string& database, const std::vector<std::string>& revisions) {
  BackfillStore(connection, database, "", BackfillWorker::runner).forget(revisions);
}

}  // namespace treering
