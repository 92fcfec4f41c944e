// SPDX-License-Identifier: Apache-2.0
// What Treering keeps in a database, as plain values and as the documents they are written to. docs/format.md is the
// grammar. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "treering/base/document.h"
#include "treering/engine/applied_digest.h"
#include "treering/engine/journalled_operation.h"
#include "treering/engine/project.h"
#include "treering/history/plan.h"
#include "treering/history/revision.h"

namespace treering {

inline constexpr const char* kStateCollection = "treering_state";
inline constexpr const char* kRevisionsCollection = "treering_revisions";
inline constexpr const char* kJournalCollection = "treering_journal";
inline constexpr const char* kForeignCollection = "_db_version";  // of the Python system that Treering takes over from
inline constexpr std::int32_t kStateFormat = 1;

// What is applied: its heads, how many revisions in all, and the digest of their ids.
struct AppliedState {
  std::vector<std::string> heads;
  std::int64_t count = 0;
  AppliedDigest digest;
  friend bool operator==(const AppliedState&, const AppliedState&) = default;
};

// What a runner is working on: begun, and not yet known to have ended.
struct Attempt {
  std::string revision;   // of a stamp: its targets
  std::string direction;  // "upgrade", "downgrade", "stamp", as in LogEntry
  std::int64_t started_ms = 0;
};

// Who holds the lease, as a waiting runner sees it.
struct LeaseView {
  Holder holder;
  std::int64_t since_ms = 0;
  std::int64_t renewed_ms = 0;
  std::int64_t server_now_ms = 0;
  std::string doing;  // "upgrading 20241210120000"; "" between two revisions
};

// The one document of treering_state.
struct State {
  AppliedState applied;
  bool fresh = true;  // no run has ended or begun a revision here yet: `applied` says nothing, and a _db_version is
                      // still to be adopted
  std::int64_t epoch = 0;
  std::optional<Attempt> attempt;
  Holder attempt_holder;  // who began it
  // What the attempt wrote down before it sent it (attempt_journal.h): the newest operations, oldest first; those
  // before them are in so many chunks. Those from `undone` on are undone already, where it isn't
  // 0.
  std::vector<JournalledOperation> operations;
  std::int64_t chunks = 0;
  std::int64_t undone = 0;
  std::vector<std::string> left;  // of these, those that couldn't be, in words
  // Sessions of runners that were gone when somebody took the lease: the server must refuse what still comes from them.
  std::vector<Document> fence;
};

// A part of a journal that is too long for the state document; a document of its own beside that.
struct JournalChunk {
  std::string run;  // whose attempt's it is
  std::int64_t started_ms = 0;
  std::int64_t number = 0;  // from 1 on
  std::vector<JournalledOperation> operations;
};

// Throws Error(Kind::server) where the document is from a newer Treering or isn't a state document at all
// (state_fields.h).
State state_from(const Document& document);
LeaseView lease_from(const Document& document);

// The fields that an applied state, an attempt, a holder are written as.
Document applied_fields(const AppliedState& applied);
Document attempt_document(const Attempt& attempt, const Holder& holder);
Document holder_fields(const Holder& holder);
Holder holder_from(const Document& document);

// One document of treering_revisions.
struct RevisionRecord {
  Revision revision;
  std::string
      source;  // the file as it was when it was applied; "" where nobody had it (adopted, or stamped without a file)
  std::int64_t started_ms = 0;  // when its code began; 0 where none ran
  std::int64_t applied_ms = 0;
  std::int64_t duration_us = 0;
  std::string how;  // "upgrade", "stamp", "adopted"
  std::string run;
};
Document record_document(const RevisionRecord& record, const Holder& holder);
// Throws Error(Kind::server) where the document isn't one.
RevisionRecord record_from(const Document& document);

}  // namespace treering
