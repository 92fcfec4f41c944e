// SPDX-License-Identifier: Apache-2.0
// `treering work`: more hands for a backfill.
#include <fmt/format.h>

#include "treering/base/amount.h"
#include "treering/cli/json.h"
#include "treering/cli/numbers.h"
#include "treering/cli/run_observer.h"
#include "treering/cli/text.h"
#include "treering/cli/verbs.h"
#include "treering/engine/backfill.h"

namespace treering {

int run_work(Session& session) {
  const Options& options = session.options;
  const double max_rate = options.max_rate.empty() ? 0 : rate_from("--max-rate", options.max_rate);
  const std::int64_t workers = workers_from("--workers", options.workers);
  NoteObserver observer(session.output);
  const auto opened = session.open(Needs::database, &observer);
  Project& project = opened->project();
  BackfillPlace place;
  place.server = project.server;
  place.clock = project.clock;
  place.observer = project.observer;
  place.database = project.settings.database;
  place.owner = project.settings.me.run;
  place.before_change = [clock = project.clock] { clock->check_interrupted(); };
  const WorkReport report = work_on_backfills(place, workers, max_rate);
  if (session.output.json()) {
    session.output.document({{"backfills", report.backfills},
                             {"found", report.found},
                             {"changed", report.changed},
                             {"notes", session.output.notes()}});
    return 0;
  }
  session.output.result(report.backfills == 0
                            ? "no backfill is under way that another process could help with"
                            : fmt::format("helped with {}: {} changed", counted(report.backfills, "backfill"),
                                          counted(report.changed, "document")));
  return 0;
}

}  // namespace treering
