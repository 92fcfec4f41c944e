// SPDX-License-Identifier: Apache-2.0
// Walks over a collection by one key, to cut it into ranges.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "treering/engine/backfill_documents.h"
#include "treering/engine/key_range.h"
#include "treering/engine/port/database.h"

namespace treering {

// Borrows the connection. Not synchronised.
class KeyWalk {
 public:
  KeyWalk(Connection& connection, std::string database);

  // How many documents the job means, before its first range is asked for; nothing where counting takes too long.
  std::optional<std::int64_t> count(const BackfillJob& job);

  // The range that begins after `from` (empty: with the first key) and holds `job.batch` documents, or what there is.
  // Nothing where no document comes after it. Documents that came in between since it looked ahead are in it as well.
  // REQUIRES: always the same job, and no transaction open.
  std::optional<KeyRange> next(const BackfillJob& job, const Document& from);

 private:
  void look_ahead(const BackfillJob& job, const Document& from, std::int64_t ranges);
  void read(const BackfillJob& job, const Document& query, std::int64_t ranges);

  Connection& connection_;
  std::string database_;
  std::optional<Document> at_;  // where the range ends that was given last
  // What was read last: how many keys, whether these were all that the query means, the first as {"": value}, and where
  // the ranges end that come next.
  std::int64_t found_ = 0;
  bool found_all_ = false;
  Document first_;
  std::deque<Document> ends_;
  bool saw_every_type_ = false;  // to the last key of the last type
  bool takes_many_keys_ = true;  // of the server
};

}  // namespace treering
