// SPDX-License-Identifier: Apache-2.0
// Flaws that tests plant, one at a time, to see that they are found. In a program as users get it none is ever there,
// and the compiler leaves nothing of the question.
#pragma once

namespace treering {

enum class Flaw {
  none,
  applied_without_epoch,          // the state says what is applied, whoever holds the lease
  journal_after_operation,        // an operation is written down when it was sent already
  renewal_by_own_clock,           // the lease holds until a time that the runner's clock gave
  expiry_by_own_clock,            // the runner's clock tells whether somebody's lease has run out
  inverse_after_change,           // an operation's inverse is taken from what it left
  record_after_state,             // the state says applied before the record is there
  record_outside_transaction,     // a transactional revision's record is no part of its transaction
  no_check_after_code,            // nobody looks at the lease between the code's end and its record
  no_check_before_operation,      // nor before an operation is sent
  no_check_before_sending_again,  // nor before it is sent once more, its connection having broken
  attempt_not_opened,             // the code runs and the state doesn't say so
  undo_oldest_first,              // an attempt is undone in the order in which it was done
  no_undo,                        // a failure leaves what the revision did
  former_not_fenced,              // the sessions of the runner before may go on writing
  open_attempt_taken_for_done,    // what a dead runner began counts as ended
  record_deleted_before_code,     // a downgrade's record goes before its code ran
  loss_not_noticed,               // a renewal that was refused is taken for granted
  backfill_not_fenced,            // whoever takes the lease lets the threads of a backfill go on
  backfill_note_apart,            // a backfill's batch and the note that it is done are no transaction
  backfill_notes_outlive,         // what is noted of a collection holds for the next of that name
  chunk_after_state,              // the state refers to a part of the journal before that is written
  unique_lost_in_inverse,         // an index that comes back is unique no more
  undo_forgets_trash,             // an undone creation is dropped, whatever documents it holds
  trash_emptied_unsettled,        // nobody looks for an open attempt that wants the trash
};

#ifdef TREERING_PLANTED_FLAWS
inline Flaw planted_now = Flaw::none;  // chosen by the test, before the engine runs
inline bool planted(Flaw flaw) { return planted_now == flaw; }
#else
constexpr bool planted(Flaw) { return false; }
#endif

}  // namespace treering
