// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/lease_state.h"

#include <fmt/format.h>

#include "treering/engine/store.h"
#include "treering/history/revision_file.h"

namespace treering {

std::optional<LeaseState> read_lease(Connection& connection, const std::string& database) {
  const Document document = Store(connection, database).read_state_document();
  if (document.empty()) return std::nullopt;
  return LeaseState{state_from(document), lease_from(document), document.date("lease.expires").value_or(Date{}).ms};
}

std::optional<LeaseState> read_lease(Project& project) {
  return read_lease(*project.server->connect(), project.settings.database);
}

std::string describe_holder(const LeaseView& lease) {
  std::string text = fmt::format("{} (pid {}", lease.holder.host, lease.holder.pid);
  text += lease.holder.user.empty() ? ")" : ", user " + lease.holder.user + ")";
  if (lease.since_ms > 0) text += " since " + date_text(lease.since_ms) + " UTC";
  if (lease.renewed_ms > 0 && lease.server_now_ms >= lease.renewed_ms)
    text += fmt::format(", renewed {} s ago", (lease.server_now_ms - lease.renewed_ms) / 1000);
  if (!lease.doing.empty()) text += ", " + lease.doing;
  return text;
}

std::optional<std::string> describe_attempt(const LeaseState& held) {
  if (!held.state.attempt) return std::nullopt;
  const Attempt& attempt = *held.state.attempt;
  return fmt::format("the {} of {} by {} (pid {}) {}", attempt.direction, attempt.revision,
                     held.state.attempt_holder.host, held.state.attempt_holder.pid,
                     held.is_at_work() ? "is under way" : "was cut off: the next command that writes undoes it");
}

bool unlock(Project& project, const LeaseState& shown) {
  const auto connection = project.server->connect();
  Store store(*connection, project.settings.database);
  if (!store.break_lease(shown.state.epoch)) return false;
  try {
    const std::optional<State> broken = store.read_state();
    for (const Document& session : broken->fence) store.fence(broken->epoch, session);
  } catch (const Error&) {
    return true;  // the lease is free all the same, and the next runner fences
  }
  return true;
}

}  // namespace treering
