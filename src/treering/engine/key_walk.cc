// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/key_walk.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "treering/base/reply.h"

namespace treering {
namespace {

// Keys that are looked at ahead, for many ranges with one command: the server walks the index, and answers with the
// bounds alone. They are an array in its memory meanwhile.
constexpr std::int64_t kKeysAhead = 100000;

constexpr std::int32_t kCountPatienceMs = 5000;

Document as_bound(const Field& value) { return Document().add("", value); }

// The value of the key; null where there is none, as which it sorts.
Document value_of(const std::string& key) {
  Document terms;
  terms.add("0", "$" + key).add_null("1");
  return Document().add_array("$ifNull", terms);
}

Document of_keys(std::int64_t place) {
  Document terms;
  terms.add("0", "$keys").add("1", place);
  return Document().add_array("$arrayElemAt", terms);
}

// Each `batch`-th of the keys.
Document every(std::int64_t batch) {
  Document places;
  places.add("0", batch - 1).add("1", Document().add("$size", "$keys")).add("2", batch);
  Document place;
  place.add("0", "$keys").add("1", "$$this");
  const Document each = Document().add_array("$arrayElemAt", place);
  return Document().add("$map", Document().add("input", Document().add_array("$range", places)).add("in", each));
}

std::int64_t ranges_ahead(const BackfillJob& job) { return std::max<std::int64_t>(kKeysAhead / job.batch, 1); }

// One key more than the ranges hold tells whether there are more.
std::int64_t limit_of(const BackfillJob& job, std::int64_t ranges) { return job.batch * ranges + (ranges > 1 ? 1 : 0); }

// {n, first, last} of the first keys, and in `ends` where whole ranges end.
Document bounds_command(const BackfillJob& job, const Document& query, std::int64_t ranges) {
  const Document value = value_of(job.key);
  Document group;
  Document project;
  group.add_null("_id");
  if (ranges == 1) {  // as many as a batch may have, and no array of them
    group.add("n", Document().add("$sum", 1));
    group.add("first", Document().add("$first", value)).add("last", Document().add("$last", value));
    project.add("n", 1).add("first", 1).add("last", 1);
  } else {
    group.add("keys", Document().add("$push", value));
    project.add("n", Document().add("$size", "$keys"));
    project.add("first", of_keys(0)).add("last", of_keys(-1)).add("ends", every(job.batch));
  }
  std::vector<Document> pipeline;
  if (!query.empty()) pipeline.push_back(Document().add("$match", query));
  pipeline.push_back(Document().add("$sort", Document().add(job.key, 1)));
  pipeline.push_back(Document().add("$limit", limit_of(job, ranges)));
  pipeline.push_back(Document().add("$group", group));
  pipeline.push_back(Document().add("$project", project));
  return Document().add("aggregate", job.collection).add_array("pipeline", pipeline).add("cursor", Document());
}

}  // namespace

KeyWalk::KeyWalk(Connection& connection, std::string database)
    : connection_(connection), database_(std::move(database)) {}

std::optional<KeyRange> KeyWalk::next(const BackfillJob& job, const Document& from) {
  const bool is_alone = !at_ || *at_ == from;
  if (!is_alone) ends_.clear();
  // Where others take ranges in between, one: nothing is read that nobody needs.
  if (ends_.empty()) look_ahead(job, from, is_alone ? ranges_ahead(job) : 1);
  if (ends_.empty()) return std::nullopt;
  KeyRange range{from, ends_.front()};
  if (from.empty()) {
    // From the first key, and not from before everything: a comparison within one type is what an index is best at.
    range.from = first_;
    range.start = RangeStart::with;
  }
  ends_.pop_front();
  at_ = range.to;
  return range;
}

std::optional<std::int64_t> KeyWalk::count(const BackfillJob& job) {
  at_ = Document();
  look_ahead(job, *at_, ranges_ahead(job));
  if (found_all_) return found_;
  Document count;
  count.add("count", job.collection).add("maxTimeMS", kCountPatienceMs);
  if (!job.filter.empty()) count.add("query", job.filter);
  try {
    return connection_.command(database_, count).integer("n");
  } catch (const ServerError&) {
    return std::nullopt;
  }
}

void KeyWalk::look_ahead(const BackfillJob& job, const Document& from, std::int64_t ranges) {
  const std::vector<Document> queries = after_queries(job.key, from, job.filter);
  for (std::size_t part = 0; part < queries.size() && ends_.empty(); ++part) {
    if (saw_every_type_ && part > 0) return;  // what came since then is looked for within the last type alone
    read(job, queries[part], takes_many_keys_ ? ranges : 1);
    if (part + 1 == queries.size()) saw_every_type_ = saw_every_type_ || found_all_;
  }
}

void KeyWalk::read(const BackfillJob& job, const Document& query, std::int64_t ranges) {
  std::vector<Document> found;
  try {
    found = connection_.command(database_, bounds_command(job, query, ranges)).documents("cursor.firstBatch");
  } catch (const ServerError&) {
    if (ranges == 1) throw;
    takes_many_keys_ = false;  // they are too large together
    return read(job, query, 1);
  }
  found_ = found.empty() ? 0 : found.front().integer("n").value_or(0);
  found_all_ = found_ < limit_of(job, ranges);
  if (found.empty()) return;
  const Document& bounds = found.front();
  first_ = as_bound(*bounds.find("first"));
  if (const auto ends = bounds.document("ends"))
    for (const Field& end : ends->fields()) ends_.push_back(as_bound(end));
  if (ranges == 1 || (found_all_ && found_ % job.batch != 0)) ends_.push_back(as_bound(*bounds.find("last")));
}

}  // namespace treering
