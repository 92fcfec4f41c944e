// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/key_walk.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "treering/base/reply.h"
#include "treering/engine/backfill_store.h"

namespace treering {
namespace {

Document key_of(const Document& document, const std::string& key) {
  const auto value = document.find(key);
  return value ? Document().add("", *value) : Document().add_null("");
}

std::int32_t batch_size(const BackfillJob& job) {
  return static_cast<std::int32_t>(std::min<std::int64_t>(job.batch, 1000000));
}

Document keys_where(const BackfillJob& job, const Document& filter) {
  const bool by_id = job.key == "_id";
  Document projection;
  projection.add("_id", by_id ? 1 : 0);
  if (!by_id) projection.add(job.key, 1);
  Document find;
  return find.add("find", job.collection)
      .add("filter", filter)
      .add("sort", Document().add(job.key, 1))
      .add("projection", projection)
      .add("batchSize", batch_size(job));
}

}  // namespace

KeyWalk::KeyWalk(Connection& connection, std::string database)
    : connection_(connection), database_(std::move(database)) {}

std::optional<KeyRange> KeyWalk::next(const BackfillJob& job, const Document& from) {
  const Keys keys = read(job, from);
  if (keys.empty()) return std::nullopt;
  KeyRange range{from, key_of(keys.back(), job.key)};
  if (from.empty()) {
    // From the first key, and not from before everything: a comparison within one type is what an index is best at.
    range.from = key_of(keys.front(), job.key);
    range.start = RangeStart::with;
  }
  place_->at = range.to;
  return range;
}

// A cursor, from which one range after the other is read; where others took ranges in between, one batch, so that
// nothing is read that nobody needs.
KeyWalk::Keys KeyWalk::read(const BackfillJob& job, const Document& from) {
  const bool goes_on = place_ && place_->at == from;
  const bool is_alone = goes_on || !place_;
  if (goes_on) {
    Keys keys = read_on(job);
    if (!keys.empty()) return keys;
  }
  if (goes_on && place_->id && place_->is_last) return {};  // it looked for more behind its last one
  const std::size_t first = goes_on && place_->id ? 1 : 0;
  if (!goes_on) forget_cursor(job);
  const std::vector<Document> queries = after_queries(job.key, from, job.filter);
  for (std::size_t part = first; part < queries.size(); ++part) {
    Document find = keys_where(job, queries[part]);
    if (!is_alone) find.add("limit", batch_size(job)).add("singleBatch", true);
    const Document reply = connection_.command(database_, find);
    place_ = Place{from, part + 1 == queries.size(), std::nullopt};
    if (is_alone) place_->id = reply.integer("cursor.id").value_or(0);
    Keys keys = reply.documents("cursor.firstBatch");
    if (!keys.empty()) return keys;
  }
  place_ = Place{from, true, 0};
  return {};
}

// What the open cursor still gives.
KeyWalk::Keys KeyWalk::read_on(const BackfillJob& job) {
  if (place_->id.value_or(0) == 0) return {};
  Document more;
  more.add("getMore", *place_->id).add("collection", job.collection).add("batchSize", batch_size(job));
  try {
    const Document reply = connection_.command(database_, more);
    place_->id = reply.integer("cursor.id").value_or(0);
    return reply.documents("cursor.nextBatch");
  } catch (const ServerError&) {
    place_->id.reset();  // the server closes a cursor that waits for long: another one
    return {};
  }
}

void KeyWalk::forget_cursor(const BackfillJob& job) {
  const auto former = std::exchange(place_, std::nullopt);
  if (!former || former->id.value_or(0) == 0) return;
  Document command;
  command.add("killCursors", job.collection).add_array("cursors", Document().add("0", *former->id));
  try {
    connection_.command(database_, command);
  } catch (const ServerError&) {
    // It closes idle cursors by itself.
  }
}

}  // namespace treering
