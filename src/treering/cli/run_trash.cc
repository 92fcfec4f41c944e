// SPDX-License-Identifier: Apache-2.0
// `treering trash`: what was dropped and is kept.
#include <fmt/format.h>

#include "treering/base/amount.h"
#include "treering/base/nearest.h"
#include "treering/cli/ask.h"
#include "treering/cli/json.h"
#include "treering/cli/numbers.h"
#include "treering/cli/operator_text.h"
#include "treering/cli/run_observer.h"
#include "treering/cli/text.h"
#include "treering/cli/verbs.h"
#include "treering/engine/trash_verbs.h"

namespace treering {
namespace {

std::string dropped_collections(const std::vector<TrashReport>& reports) {
  return counted(static_cast<std::int64_t>(reports.size()), "dropped collection");
}

void refuse_more_words(const Session& session, std::size_t most) {
  const auto& words = session.options.targets;
  if (words.size() > most)
    throw Error(Kind::usage, fmt::format("trash {} takes no further word: {}", words[0], one_line(words[most])),
                "treering trash --help says what it takes");
}

void refuse_option(const char* name, bool given, const char* with) {
  if (given) throw Error(Kind::usage, fmt::format("{} goes with trash {}", name, with));
}

int list(Session& session, Project& project) {
  refuse_option("--as", !session.options.as.empty(), "restore");
  refuse_option("--older-than", !session.options.older_than.empty(), "empty");
  refuse_option("--force", session.options.force, "empty");
  const std::vector<TrashReport> held = trash(project);
  if (session.output.json()) session.output.document({{"trash", json_list(held)}, {"notes", session.output.notes()}});
  for (const TrashReport& report : held) session.output.result(trash_line(report));
  if (held.empty()) session.output.note("the trash is empty");
  return 0;
}

int restore_one(Session& session, Project& project) {
  const Options& options = session.options;
  refuse_option("--older-than", !options.older_than.empty(), "empty");
  refuse_option("--force", options.force, "empty");
  refuse_more_words(session, 2);
  if (options.targets.size() < 2)
    throw Error(Kind::usage, "trash restore needs the name of a collection", "treering trash lists them");
  const Trashed restored = restore(project, options.targets[1], options.as);
  session.output.finish({{"restored", restored.name}, {"collection", restored.collection}},
                        fmt::format("restored {} from {}", one_line(restored.collection), one_line(restored.name)));
  return 0;
}

void require_consent(const Session& session, const std::vector<TrashReport>& chosen) {
  if (session.options.force) return;
  if (!session.output.json())
    for (const TrashReport& report : chosen) session.output.message(trash_line(report));
  const Answer answer =
      ask(session.output, fmt::format("Drop {} for good?", dropped_collections(chosen)), session.check_interrupted);
  if (answer == Answer::yes) return;
  if (answer == Answer::no) throw Error(Kind::usage, "the trash stays as it is");
  throw Error(Kind::usage,
              fmt::format("{} to say that {} may go for good", unanswered(answer), dropped_collections(chosen)),
              "look at them with treering trash, then say --force");
}

int empty(Session& session, Project& project) {
  const Options& options = session.options;
  refuse_option("--as", !options.as.empty(), "restore");
  refuse_more_words(session, 1);
  if (options.older_than.empty())
    throw Error(Kind::usage, "trash empty needs an age",
                "for example: treering trash empty --older-than 30d (or 12h, or all)");
  const auto age = age_from("--older-than", options.older_than);
  std::vector<TrashReport> chosen = trash(project);
  if (age) chosen = older_than(chosen, *age, project.clock->now_ms());
  if (!chosen.empty()) require_consent(session, chosen);
  const std::vector<TrashReport> dropped = empty_trash(project, chosen);
  const std::string none = age ? "nothing in the trash is that old" : "the trash is empty";
  session.output.finish({{"dropped", json_list(dropped)}},
                        dropped.empty() ? none : fmt::format("{} gone for good", dropped_collections(dropped)));
  return 0;
}

}  // namespace

int run_trash(Session& session) {
  const auto& words = session.options.targets;
  const std::string action = words.empty() ? "list" : words.front();
  if (action != "list" && action != "restore" && action != "empty") {
    const std::string near = nearest(action, {"list", "restore", "empty"});
    throw Error(Kind::usage, fmt::format("there is no `trash {}`", one_line(action)),
                near.empty() ? "it can: list, restore NAME, empty" : fmt::format("did you mean trash {}?", near));
  }
  NoteObserver observer(session.output);
  const auto opened = session.open(Needs::database, &observer);
  Project& project = opened->project();
  if (!session.options.lock_timeout.empty())
    project.settings.lock_timeout = seconds_from("--lock-timeout", session.options.lock_timeout);
  if (action == "restore") return restore_one(session, project);
  if (action == "empty") return empty(session, project);
  refuse_more_words(session, 1);
  return list(session, project);
}

}  // namespace treering
