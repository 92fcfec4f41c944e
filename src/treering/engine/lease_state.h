// SPDX-License-Identifier: Apache-2.0
// Looking at the lease from outside, and taking it away from whoever holds it.
#pragma once

#include <optional>
#include <string>

#include "treering/engine/port/database.h"
#include "treering/engine/project.h"
#include "treering/engine/state.h"

namespace treering {

struct LeaseState {
  State state;
  LeaseView lease;  // holder.run is "" where the lease was given back
  std::int64_t expires_ms = 0;

  bool is_held() const { return !lease.holder.run.empty() && expires_ms > lease.server_now_ms; }
  // Whether who began the open attempt still holds the lease. Else it was cut off, and the next runner undoes it.
  bool is_at_work() const { return is_held() && state.attempt && state.attempt_holder.run == lease.holder.run; }
  bool has_run_out() const { return !lease.holder.run.empty() && !is_held(); }  // it died, or was stopped for too long
};

// Nothing where this database was never migrated. Throws what Connection::command and state_from throw.
std::optional<LeaseState> read_lease(Connection& connection, const std::string& database);
std::optional<LeaseState> read_lease(Project& project);

// "ci-3 (pid 4121, user deploy) since 2024-12-10 12:00:00 UTC, renewed 4 s ago, upgrading 20241210120000"
std::string describe_holder(const LeaseView& lease);

// Of the open attempt: "the upgrade of 20241210120000 by ci-3 (pid 4121) was cut off: the next command that writes
// undoes it"; nothing where none is open.
std::optional<std::string> describe_attempt(const LeaseState& held);

// Frees the lease if it is still the one that was shown; false, and nothing has changed, where somebody has taken or
// given it back meanwhile. Whoever held it can change no bookkeeping from then on: its sessions are fenced here, and
// once more by the next runner, should we die in between. An attempt that it began stays open: the next command that
// writes undoes it.
bool unlock(Project& project, const LeaseState& shown);

}  // namespace treering
