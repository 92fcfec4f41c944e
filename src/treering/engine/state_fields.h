// SPDX-License-Identifier: Apache-2.0
// Whether documents of our bookkeeping hold what was written there. What is missing or of a wrong type is refused, not
// guessed: a guess would say that nothing is applied, or that a lease is free. Fields that we don't know are no error.
// Pure.
#pragma once

#include "treering/base/document.h"

namespace treering {

// Each throws Error(Kind::server), fields "collection" and "field", which says what the field is and what it has to be.
void require_state_fields(const Document& document);    // of treering_state, with the lease and the attempt in it
void require_record_fields(const Document& document);   // of treering_revisions
void require_journal_fields(const Document& document);  // of treering_journal
void require_foreign_fields(const Document& document);  // of _db_version
// Of treering_backfills: what a backfill is and where it is; one range of it.
void require_backfill_fields(const Document& document);
void require_range_fields(const Document& document);

}  // namespace treering
