// SPDX-License-Identifier: Apache-2.0
// `treering unlock`: takes the lease from a runner that is gone or stuck.
#include <fmt/format.h>

#include "treering/cli/ask.h"
#include "treering/cli/operator_text.h"
#include "treering/cli/run_observer.h"
#include "treering/cli/text.h"
#include "treering/cli/verbs.h"
#include "treering/engine/lease_state.h"

namespace treering {
namespace {

std::string what_is_next(const LeaseState& state) {
  if (!state.state.attempt) return "";
  const Attempt& attempt = *state.state.attempt;
  return fmt::format("; the {} of {} is left open: the next command that writes undoes it", attempt.direction,
                     one_line(attempt.revision));
}

// Breaking the lease of a runner at work has two at once on the database for a moment; so a person says it.
void require_consent(const Session& session, const LeaseState& state) {
  if (session.options.force) return;
  const std::string holder = one_line(describe_holder(state.lease));
  session.output.message("held by " + holder);
  const Answer answer = ask(session.output, "Take the lock from it?", session.check_interrupted);
  if (answer == Answer::yes) return;
  if (answer == Answer::no)
    throw Error(Kind::locked, "the lock stays with " + state.lease.holder.host, "nothing has changed");
  throw Error(Kind::usage, unanswered(answer) + " to say that the lock may be taken from that process",
              "make sure that it is gone, then: treering unlock --force")
      .with("holder", describe_holder(state.lease));
}

}  // namespace

int run_unlock(Session& session) {
  NoteObserver observer(session.output);
  const auto opened = session.open(Needs::database, &observer);
  Project& project = opened->project();
  const auto state = read_lease(project);
  if (!state || !state->is_held()) {
    const std::string next = state ? what_is_next(*state) : "";
    session.output.finish({{"held", false}, {"unlocked", false}, {"holder", Json()}}, "nobody holds the lock" + next);
    return 0;
  }
  require_consent(session, *state);
  if (!unlock(project, *state))
    throw Error(Kind::locked, "the lock has changed hands meanwhile: nothing was taken",
                "treering unlock shows who holds it now");
  session.output.finish(
      {{"held", true}, {"unlocked", true}, {"holder", json_of(*state)}},
      fmt::format("unlocked: it was held by {}{}", one_line(describe_holder(state->lease)), what_is_next(*state)));
  return 0;
}

}  // namespace treering
