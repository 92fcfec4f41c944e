// SPDX-License-Identifier: Apache-2.0
#include "fuzz/targets.h"
#include "treering/base/document.h"
#include "treering/engine/applied_digest.h"
#include "treering/engine/state.h"
#include "treering/engine/state_fields.h"
#include "treering/history/revision_file.h"
#include "treering/schema/operation.h"

namespace treering::fuzz {
namespace {

void try_state(const Document& document) {
  State state;
  if (is_refused(Kind::server, [&] { state = state_from(document); })) return;
  lease_from(document);
  if (state.fresh) return;
  Document again = applied_fields(state.applied);
  again.add("format", kStateFormat).add("epoch", state.epoch);
  if (state.attempt) again.add("attempt", attempt_document(*state.attempt, state.attempt_holder));
  const State read = state_from(again);
  require(read.applied == state.applied && read.epoch == state.epoch, "what is applied is read as it is written");
  require(read.attempt.has_value() == state.attempt.has_value(), "an attempt is read as it is written");
  require(AppliedDigest(state.applied.digest.text()) == state.applied.digest, "a digest is read as it is written");
}

void try_record(const Document& document) {
  RevisionRecord record;
  if (is_refused(Kind::server, [&] { record = record_from(document); })) return;
  const RevisionRecord read = record_from(record_document(record, {}));
  require(read.revision == record.revision && read.source == record.source && read.how == record.how &&
              read.started_ms == record.started_ms && read.applied_ms == record.applied_ms,
          "a record is read as it is written");
  (void)date_text(record.applied_ms);
}

void try_operation(const Document& document) {
  Operation operation;
  if (is_refused(Kind::usage, [&] { operation = operation_from(document); })) return;
  require(operation_from(to_document(operation)) == operation, "an operation is read as it is written");
  (void)describe(operation);
}

}  // namespace

void bookkeeping(std::string_view input) {
  Document document;
  if (is_refused(Kind::usage, [&] { document = Document::from_json(input); })) return;
  try_state(document);
  try_record(document);
  try_operation(document);
  is_refused(Kind::server, [&] { require_journal_fields(document); });
  is_refused(Kind::server, [&] { require_foreign_fields(document); });
  is_refused(Kind::server, [&] { require_backfill_fields(document); });
  is_refused(Kind::server, [&] { require_range_fields(document); });
}

}  // namespace treering::fuzz
