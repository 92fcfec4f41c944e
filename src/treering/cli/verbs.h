// SPDX-License-Identifier: Apache-2.0
// The commands as functions: each opens the project, calls one verb of the engine and shows its report. Rows of
// commands.cc name them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "treering/cli/command_line.h"
#include "treering/cli/options.h"
#include "treering/cli/output.h"
#include "treering/library/open_project.h"

namespace treering {

enum class Needs { files, database };

// One run of one command.
struct Session {
  const Options& options;
  const std::vector<std::string>& arguments;  // as given, for the handover
  const CommandLineHost& host;
  Output& output;
  std::function<void()> check_interrupted;

  std::unique_ptr<OpenProject> open(Needs needs, Observer* observer = nullptr) const;
};

// Each gives the exit code and throws Error.
int run_init(Session& session);
int run_list_templates(Session& session);
int run_revision(Session& session);
int run_autogenerate(Session& session);  // `revision --autogenerate`
int run_check(Session& session);
int run_diff(Session& session);
int run_baseline(Session& session);
int run_merge(Session& session);
int run_edit(Session& session);
int run_upgrade(Session& session);
int run_downgrade(Session& session);
int run_stamp(Session& session);
int run_current(Session& session);
int run_history(Session& session);
int run_heads(Session& session);
int run_branches(Session& session);
int run_show(Session& session);
int run_log(Session& session);
int run_work(Session& session);
int run_wait(Session& session);
int run_unlock(Session& session);
int run_trash(Session& session);
int run_doctor(Session& session);

}  // namespace treering
