// SPDX-License-Identifier: Apache-2.0
// The write-ahead journal of one attempt at a revision: each schema operation is written down with its inverse before
// it is sent, in the state document (so that a runner that lost the lease can't, and sends nothing). A failure, or
// whoever finds the attempt of a dead runner, undoes it with that (undo.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "treering/engine/command_effect.h"
#include "treering/engine/journalled_operation.h"
#include "treering/engine/known_schema.h"
#include "treering/engine/lease.h"
#include "treering/engine/port/clock.h"
#include "treering/engine/store.h"
#include "treering/engine/trash.h"
#include "treering/history/plan.h"
#include "treering/schema/operation.h"

namespace treering {

// Of the attempt that the lease has open. Not synchronised.
class AttemptJournal {
 public:
  struct Attempted {
    std::string revision;
    Direction direction = Direction::upgrade;
    std::string run;  // as in Holder
    std::int64_t started_ms = 0;
    Drops drops = Drops::kept;  // what holds for this project
  };

  // Borrows all of them. The connection is in no transaction.
  AttemptJournal(Lease& lease, Connection& connection, Clock& clock, Attempted attempted);

  // The operations to send in the place of one: a drop is a rename into the trash, a rename over another collection is
  // two, and what a downgrade creates comes back from the trash where the upgrade dropped it. Throws Error(Kind::usage)
  // where a name is too long for the trash.
  std::vector<Operation> instead_of(const Operation& operation, Drops drops);

  // Before it is sent. Writes it down where there may be something to undo: a schema operation, or a write that makes
  // its collection. Throws Error(Kind::lease_lost).
  void begin(const Operation& operation);
  // Then one of these: the server carried it out, or refused it. Where neither is called nobody knows.
  void done(const Operation& operation);
  void refused(const Operation& operation);

  // Whether the server is to change something by the operation under way, as far as is known of what is there.
  bool expects_change(const Operation& operation);

  // Everything written down, oldest first. Also what may have been, and was never sent: it has nothing to undo, but
  // must be struck before what is older is undone.
  std::vector<JournalledOperation> entries() const;
  // Collections that a downgrade made though the trash had nothing that could come back as them.
  std::vector<std::string> made_empty();
  // Whether the state document doesn't hold all of them.
  bool has_chunks() const { return chunks_ > 0; }

 private:
  void write(JournalledOperation entry);
  std::optional<Operation> making(const Operation& operation);
  std::optional<Operation> restoring(const Operation& operation);
  Operation trashing(const std::string& database, const std::string& collection);

  Lease& lease_;
  Connection& connection_;
  Clock& clock_;
  Attempted attempted_;
  KnownSchema known_;
  std::vector<JournalledOperation> entries_;
  std::vector<Namespace> made_empty_;
  std::optional<std::int64_t> unsent_;
  std::optional<Document> told_refused_;  // fields of the state that the next write takes along
  bool open_entry_ = false;               // the last entry is of the operation under way
  std::size_t chunk_bytes_ = 0;
  std::size_t chunk_entries_ = 0;
  std::int64_t chunks_ = 0;
};

}  // namespace treering
