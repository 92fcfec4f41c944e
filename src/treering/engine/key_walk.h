// SPDX-License-Identifier: Apache-2.0
// Walks over a collection by one key, to cut it into ranges.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "treering/engine/key_range.h"
#include "treering/engine/port/database.h"

namespace treering {

struct BackfillJob;

// Borrows the connection. Not synchronised.
class KeyWalk {
 public:
  KeyWalk(Connection& connection, std::string database);

  // The range that begins after `from` (empty: with the first key) and holds `job.batch` documents, or what there is.
  // Nothing where no document comes after it. REQUIRES: always the same job.
  std::optional<KeyRange> next(const BackfillJob& job, const Document& from);

 private:
  using Keys = std::vector<Document>;

  Keys read(const BackfillJob& job, const Document& from);
  Keys read_on(const BackfillJob& job);
  void forget_cursor(const BackfillJob& job);

  struct Place {
    Document at;                     // the last key that was read
    bool is_last = false;            // of after_queries(), the one that the cursor answers
    std::optional<std::int64_t> id;  // of the cursor; 0: it has given all. Nothing: one batch was asked for
  };

  Connection& connection_;
  std::string database_;
  std::optional<Place> place_;
};

}  // namespace treering
