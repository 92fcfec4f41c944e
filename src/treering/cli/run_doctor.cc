// SPDX-License-Identifier: Apache-2.0
// `treering doctor`: what is wrong, and which command mends it.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "treering/base/amount.h"
#include "treering/cli/json.h"
#include "treering/cli/operator_text.h"
#include "treering/cli/run_observer.h"
#include "treering/cli/text.h"
#include "treering/cli/verbs.h"
#include "treering/engine/doctor.h"

namespace treering {
namespace {

// A configuration that can't be read is the first thing a doctor should find.
std::vector<Diagnosis> examined(const Session& session, Observer& observer) {
  std::unique_ptr<OpenProject> opened;
  try {
    opened = session.open(Needs::database, &observer);
  } catch (const Error& error) {
    if (error.kind() == Kind::interrupted) throw;
    return {{Health::problem, "configuration", error.what(), error.hint()}};
  }
  const Config& config = opened->config();
  return doctor(opened->project(), {config.file, config.versions});
}

Colour colour_of(Health health) {
  if (health == Health::ok) return Colour::none;
  return health == Health::warning ? Colour::yellow : Colour::red;
}

}  // namespace

int run_doctor(Session& session) {
  Output& output = session.output;
  NoteObserver observer(output);
  const std::vector<Diagnosis> found = examined(session, observer);
  const auto count = [&](Health health) {
    return std::count_if(found.begin(), found.end(), [&](const Diagnosis& one) { return one.health == health; });
  };
  const int exit_code = any_problem(found) ? kind_row(Kind::differs).exit_code : 0;
  if (output.json()) {
    output.document({{"healthy", exit_code == 0}, {"findings", json_list(found)}, {"notes", output.notes()}});
    return exit_code;
  }
  for (const Diagnosis& one : found) output.result(output.on_stdout(colour_of(one.health), diagnosis_text(one)));
  const std::string warnings = counted(count(Health::warning), "warning");
  output.result(fmt::format("{}, {}", counted(count(Health::problem), "problem"), warnings));
  return exit_code;
}

}  // namespace treering
