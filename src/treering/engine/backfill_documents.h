// SPDX-License-Identifier: Apache-2.0
// The documents of treering_backfills as plain values: one of each backfill (where it is), and one of each range that
// somebody took. docs/format.md is the grammar. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "treering/base/document.h"
#include "treering/engine/key_range.h"

namespace treering {

inline constexpr const char* kBackfillsCollection = "treering_backfills";

// A backfill, as every worker sees it.
struct BackfillJob {
  std::string id;  // job_id()
  std::string collection;
  std::string uuid;  // which of that name, in hexadecimal; "" where the server doesn't say
  std::string key;
  Document filter;
  Document change;  // {"u": ...}; empty where code of its process decides
  std::int64_t batch = 1000;
  std::optional<std::int64_t> total;  // counted when it began; nothing where that took too long
};

struct BackfillRange {
  Document id;  // of its document
  KeyRange keys;
};

// Of one that begins.
Document document_of(const BackfillJob& job);
// Both throw Error(Kind::server) where the document isn't one (state_fields.h).
BackfillJob job_from(const Document& document);
BackfillRange range_from(const Document& document);

// The _id of a backfill's document. `name`: as in BackfillRequest. A collection that was undone and made again is
// another one, and a backfill of it has nothing to do with the first: who still works at that one finds nothing here.
std::string job_id(const std::string& name, const std::string& uuid);
// What it was made of but the uuid.
std::string_view job_name(std::string_view id);

// The _id of a range's document, and the query for the ranges of a backfill.
Document range_id(const std::string& job, std::int64_t number);
Document ranges_of(const std::string& job);

}  // namespace treering
