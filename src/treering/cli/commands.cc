// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/commands.h"

#include <algorithm>
#include <array>

#include "treering/cli/verbs.h"

namespace treering {
namespace {

constexpr OptionRow kLockTimeout{"--lock-timeout", "SECONDS",
                                 "wait that long for another runner (default: lock_timeout of the configuration)",
                                 &Options::lock_timeout};
constexpr OptionRow kDryRun{"--dry-run", "", "run the code and show what it would do; write nothing",
                            &Options::dry_run};
constexpr OptionRow kScript{"--script", "FILE", "write it as a script for mongosh, and run nothing (-: to stdout)",
                            &Options::script};
constexpr OptionRow kRevId{"--rev-id", "ID", "use this id instead of a timestamp", &Options::rev_id};
constexpr OptionRow kSplice{"--splice", "", "allow a parent that is no head", &Options::splice};
constexpr OptionRow kBranchLabel{"--branch-label", "LABEL", "name the branch that starts here (repeatable)",
                                 &Options::branch_labels};
constexpr OptionRow kDependsOn{"--depends-on", "REV", "a revision that has to be applied before (repeatable)",
                               &Options::depends_on};
constexpr OptionRow kEdit{"--edit", "", "open the new file in the editor", &Options::edit};

constexpr OptionRow kOffline{"--offline", "", "compare the models with what the revisions say; ask no database",
                             &Options::offline};

constexpr std::array kInit{
    OptionRow{"FOLDER", "", "folder to set up", &Options::folder, "."},
    OptionRow{"-t,--template", "NAME", "one of those that list_templates shows", &Options::template_name, "python"},
};
constexpr std::array kRevision{
    OptionRow{"-m,--message", "TEXT", "what it does, in a few words", &Options::message},
    OptionRow{"--autogenerate", "", "fill it with what the models say and the database lacks", &Options::autogenerate},
    OptionRow{"--allow-drop-collections", "", "with --autogenerate: drop collections, and rebuild them",
              &Options::allow_drop_collections},
    OptionRow{"--include-unmanaged", "", "with --autogenerate: remove what no model ever had",
              &Options::include_unmanaged},
    kOffline,
    OptionRow{"--force", "", "with --autogenerate: although revisions are pending", &Options::force},
    OptionRow{"--head", "REV", "parent (repeatable; default: all heads of the files)", &Options::head},
    kSplice,
    kBranchLabel,
    kRevId,
    kDependsOn,
    kEdit,
};
constexpr std::array kCheck{kOffline};
constexpr std::array kDiff{
    OptionRow{"A", "", "models, live, head, or a mongodb:// URL with a database", &Options::source_a, "",
              Presence::required},
    OptionRow{"B", "", "the other side", &Options::source_b, "", Presence::required},
};
constexpr std::array kBaseline{
    OptionRow{"-m,--message", "TEXT", "what it is, in a few words", &Options::message, "baseline"},
    OptionRow{"--models", "FILE", "models file to write (default: as configured)", &Options::models},
    OptionRow{"--no-stamp", "", "don't record it as applied in this database", &Options::no_stamp},
};
constexpr std::array kWork{
    OptionRow{"--workers", "N", "threads, 64 at most, each with a connection of its own", &Options::workers, "1"},
    OptionRow{"--max-rate", "N", "documents a second at most, of all of these threads together", &Options::max_rate},
};
constexpr std::array kUpgrade{
    OptionRow{"TARGET", "", "how far: head, +N, a revision, LABEL@head", &Options::target, "head"}, kDryRun, kScript,
    kLockTimeout};
constexpr std::array kDowngrade{
    OptionRow{"TARGET", "", "how far: -N, base, a revision that stays", &Options::target, "-1"}, kDryRun, kScript,
    kLockTimeout};
constexpr std::array kCurrent{
    OptionRow{"-c,--check-heads", "", "exit with 4 where something is pending", &Options::check_heads}};
constexpr std::array kHistory{
    OptionRow{"-r,--rev-range", "A:B", "only these; either side may be left out (-3:current)", &Options::range},
    OptionRow{"-i,--indicate-current", "", "mark what the database is at", &Options::indicate_current}};
constexpr std::array kHeads{OptionRow{"--resolve-dependencies", "", "leave out heads that another revision depends on",
                                      &Options::resolve_dependencies}};
constexpr std::array kOneTarget{OptionRow{"TARGET", "", "a revision, head, heads, base, current, LABEL@head",
                                          &Options::target, "", Presence::required}};
constexpr std::array kMerge{
    OptionRow{"REVS", "", "revisions to join (default: all heads)", &Options::targets},
    OptionRow{"-m,--message", "TEXT", "what it joins, in a few words", &Options::message},
    kBranchLabel,
    kRevId,
    kSplice,
    kEdit,
};
constexpr std::array kStamp{
    OptionRow{"TARGETS", "", "revisions to record as applied, with all they stand on", &Options::targets, "",
              Presence::required},
    OptionRow{"--purge", "", "forget everything else that is recorded", &Options::purge},
    kLockTimeout,
};
constexpr std::array kLog{OptionRow{"-n,--limit", "N", "show at most so many; 0 for all", &Options::limit, "20"}};
constexpr std::array kUnlock{OptionRow{"--force", "", "don't ask", &Options::force}};
constexpr std::array kTrash{
    OptionRow{"ACTION", "", "list, restore NAME, or empty (default: list)", &Options::targets},
    OptionRow{"--as", "NAME", "with restore: call it that", &Options::as},
    OptionRow{"--older-than", "AGE", "with empty: 30d, 12h or all", &Options::older_than},
    OptionRow{"--force", "", "with empty: don't ask", &Options::force},
    kLockTimeout,
};
constexpr std::array kWait{OptionRow{"--timeout", "SECONDS", "give up after that long", &Options::timeout, "60"}};

constexpr std::array kGlobal{
    OptionRow{"-c,--config", "FILE",
              "configuration (or TREERING_CONFIG; default: treering.toml or pyproject.toml, searched upwards)",
              &Options::config},
    OptionRow{"--env", "NAME", "environment of the configuration (or TREERING_ENV)", &Options::environment},
    OptionRow{"--url", "URL", "server and database (or TREERING_URL)", &Options::url},
    OptionRow{"--json", "", "one JSON document on stdout", &Options::json},
    OptionRow{"-q,--quiet", "", "results and errors only", &Options::quiet},
    OptionRow{"-v,--verbose", "", "say more", &Options::verbose},
    OptionRow{"--no-color", "", "no colours (as with NO_COLOR)", &Options::no_color},
    OptionRow{"-h,--help", "", "show this", &Options::help},
    OptionRow{"--version", "", "show the version", &Options::version},
};

constexpr std::string_view kTargets =
    "TARGET: an id or the start of one, a branch label, head, heads, base, current,\n"
    "+N or -N from what is applied, REV+N, REV-N, LABEL@head.\n"
    "With --script also a range: base:head for an empty database, A:B for one that is at A.";

const std::array kCommands{
    Command{"init", "set up a project: configuration and a folder for revisions", "", kInit, run_init},
    Command{"revision", "create a new revision file", "", kRevision, run_revision},
    Command{"upgrade", "apply what is pending", kTargets, kUpgrade, run_upgrade},
    Command{"downgrade", "revert what is applied, newest first", kTargets, kDowngrade, run_downgrade},
    Command{"check", "exit with 4 where the models and the database differ, or revisions are pending", "", kCheck,
            run_check},
    Command{"diff", "list what two schemas differ in; exit with 4 where they do",
            "A and B: models, live (the database), head (what the revisions say), or a URL.\n"
            "+ is in B only, - in A only, ~ in both and not the same.",
            kDiff, run_diff},
    Command{"baseline", "begin with a database that exists: a first revision, models and a snapshot of it", "",
            kBaseline, run_baseline},
    Command{"current", "show what the database is at", "", kCurrent, run_current},
    Command{"history", "list revisions, newest first", "", kHistory, run_history},
    Command{"heads", "list revisions that nothing stands on", "", kHeads, run_heads},
    Command{"branches", "list revisions that several stand on", "", {}, run_branches},
    Command{"show", "show a revision", "", kOneTarget, run_show},
    Command{"merge", "create a revision that joins several", "", kMerge, run_merge},
    Command{"stamp", "record revisions as applied without running them", "", kStamp, run_stamp},
    Command{"edit", "open a revision in $VISUAL or $EDITOR", "", kOneTarget, run_edit},
    Command{"log", "list what was tried on the database, newest first", "", kLog, run_log},
    Command{"work", "help with the backfills that another process has under way", "", kWork, run_work},
    Command{"unlock", "take the lock from a process that is gone or stuck", "", kUnlock, run_unlock},
    Command{"trash", "list, bring back or drop for good what revisions dropped",
            "NAME: what the collection was called (the newest of that name), or its name in the trash.", kTrash,
            run_trash},
    Command{"doctor", "look for what is wrong, and say what mends it", "", {}, run_doctor},
    Command{"wait", "wait until the server answers", "", kWait, run_wait},
    Command{"list_templates", "list what init can set up", "", {}, run_list_templates},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }
std::span<const OptionRow> global_options() { return kGlobal; }

const Command* find_command(std::string_view name) {
  const auto found = std::find_if(kCommands.begin(), kCommands.end(), [&](const Command& c) { return c.name == name; });
  return found == kCommands.end() ? nullptr : &*found;
}

}  // namespace treering
