// SPDX-License-Identifier: Apache-2.0
// Reports and errors as JSON: what --json prints. Keys are stable. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "treering/base/error.h"
#include "treering/engine/author.h"
#include "treering/engine/inspect.h"
#include "treering/engine/report.h"
#include "treering/schema/proposal.h"

namespace treering {

using Json = nlohmann::ordered_json;

Json json_of(const Error& error);  // {"kind", "message", "hint", "fields"}
Json json_of(const RevisionReport& report);
Json json_of(const CurrentReport& report);
Json json_of(const RunReport& report);  // with "error" and "exit_code" where the run failed
Json json_of(const PlannedOperation& planned);
Json json_of(const StepReport& step);
Json json_of(const LogEntry& entry);
Json json_of(const Branch& branch);
Json json_of(const CreatedRevision& created);
Json json_of(const Difference& difference);
Json json_of(const Finding& finding);

template <typename Item>
Json json_list(const std::vector<Item>& items) {
  Json list = Json::array();
  for (const Item& item : items) list.push_back(json_of(item));
  return list;
}

// RFC 3339, to the second, as the revision files have it.
Json json_time(std::int64_t ms);

// The document with "error" and "exit_code" added.
Json with_error(Json document, const Error& error);

}  // namespace treering
