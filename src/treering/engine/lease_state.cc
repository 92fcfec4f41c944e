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
  std::string text = fmt::format("{} (pid {}, user {}) since {} UTC", lease.holder.host, lease.holder.pid,
                                 lease.holder.user, date_text(lease.since_ms));
  if (lease.renewed_ms > 0 && lease.server_now_ms >= lease.renewed_ms)
    text += fmt::format(", renewed {} s ago", (lease.server_now_ms - lease.renewed_ms) / 1000);
  if (!lease.doing.empty()) text += ", " + lease.doing;
  return text;
}

bool unlock(Project& project, const LeaseState& shown) {
  const auto connection = project.server->connect();
  return Store(*connection, project.settings.database).break_lease(shown.state.epoch);
}

}  // namespace treering
