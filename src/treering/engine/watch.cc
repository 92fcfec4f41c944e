// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/watch.h"

#include "treering/base/error.h"
#include "treering/engine/estimate.h"

namespace treering {
namespace {

constexpr std::int64_t kPatienceUs = 1000000;

std::int64_t documents_in(const Document& reply) {
  for (const char* batch : {"cursor.nextBatch", "cursor.firstBatch"})
    if (const auto documents = reply.find(batch)) return static_cast<std::int64_t>(documents->document()->count());
  return 0;
}

}  // namespace

void ReadingWatch::note(Connection& connection, const std::string& database, const Document& command,
                        const Document& reply) {
  if (clock_ == nullptr || observer_ == nullptr) return;
  const auto id = reply.integer("cursor.id");
  const auto asked = command.integer("getMore");
  if (!id) return;
  if (!asked) {
    if (*id == 0) return;
    Reading reading;
    reading.collection = command.string("find").value_or(command.string("aggregate").value_or(""));
    reading.whole = command.has("find") && command.document("filter").value_or(Document()).empty();
    reading.started_us = clock_->monotonic_us();
    reading.done = documents_in(reply);
    if (!reading.collection.empty()) readings_[*id] = std::move(reading);
    return;
  }
  const auto found = readings_.find(*asked);
  if (found == readings_.end()) return;
  Reading& reading = found->second;
  reading.done += documents_in(reply);
  const std::int64_t elapsed = clock_->monotonic_us() - reading.started_us;
  const bool ended = *id == 0;
  if (elapsed >= kPatienceUs && (!ended || reading.told)) {
    if (!reading.told && reading.whole && !connection.in_transaction())
      reading.total = count_all(connection, database, reading.collection);
    reading.told = true;
    observer_->progress({"reading " + reading.collection, reading.done, reading.total, elapsed, ended});
  }
  if (ended) readings_.erase(found);
}

std::optional<BuildProgress> build_progress(const Document& reply, const std::string& collection) {
  for (const Document& operation : reply.documents("inprog")) {
    const auto progress = operation.document("progress");
    if (!progress || operation.string("command.createIndexes") != collection) continue;
    return BuildProgress{progress->integer("done").value_or(0), progress->integer("total").value_or(0)};
  }
  return std::nullopt;
}

IndexBuildWatch::IndexBuildWatch(Server* server, Clock* clock, Observer* observer, std::string what,
                                 std::string collection)
    : server_(server), clock_(clock), observer_(observer), what_(std::move(what)), collection_(std::move(collection)) {
  if (server_ == nullptr || clock_ == nullptr || observer_ == nullptr) return;
  started_us_ = clock_->monotonic_us();
  asking_ = clock_->every(std::chrono::milliseconds(1000), [this] { ask(); });
}

IndexBuildWatch::~IndexBuildWatch() {
  asking_.reset();
  if (told_) observer_->progress({what_, last_done_, {}, clock_->monotonic_us() - started_us_, true});
}

// Progress is a courtesy: a server that refuses to tell, or a user who may not ask, is no error.
void IndexBuildWatch::ask() {
  Progress progress;
  progress.what = what_;
  progress.elapsed_us = clock_->monotonic_us() - started_us_;
  try {
    if (!connection_) connection_ = server_->connect();
    const Document reply =
        connection_->command("admin", Document().add("currentOp", 1).add("command.createIndexes", collection_));
    if (const auto build = build_progress(reply, collection_)) {
      progress.done = last_done_ = build->done;
      if (build->total > 0) progress.total = build->total;
    }
  } catch (const Error&) {
    connection_.reset();
  }
  told_ = true;
  observer_->progress(progress);
}

}  // namespace treering
