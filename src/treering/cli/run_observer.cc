// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/run_observer.h"

#include <fmt/format.h>

#include "treering/base/amount.h"
#include "treering/cli/planned_text.h"
#include "treering/cli/progress_text.h"
#include "treering/cli/run_text.h"
#include "treering/cli/text.h"

namespace treering {

void NoteObserver::note(const std::string& line) { output_.note(one_line(line)); }

void NoteObserver::progress(const Progress& progress) {
  constexpr std::int64_t kMilestoneUs = 5000000;
  if (progress.elapsed_us < told_us_) told_us_ = 0;  // another one
  const bool is_milestone = progress.ended || progress.elapsed_us - told_us_ >= kMilestoneUs;
  if (is_milestone) told_us_ = progress.elapsed_us;
  output_.progress(progress_line(progress, output_.columns()),
                   is_milestone ? Output::Step::milestone : Output::Step::often);
}

void StepObserver::step_started(const std::string& revision, const std::string& message, Direction direction) {
  if (!output_.verbose()) return;
  output_.note(fmt::format("{} {}: {}", direction == Direction::upgrade ? "applying" : "reverting", one_line(revision),
                           one_line(message)));
}

void StepObserver::step_finished(const StepReport& step) {
  if (!step.planned.empty()) {
    output_.result(output_.on_stdout(Colour::bold, planned_head(step)));
    for (const std::string& line : planned_lines(step.planned)) output_.result(line);
    return;
  }
  output_.result(step_line(step));
  if (!output_.verbose()) return;
  for (const std::string& line : step.schema) output_.result("  " + one_line(line));
  for (const auto& [collection, count] : step.written)
    output_.result(fmt::format("  {} in {}", counted(count, "document"), one_line(collection)));
}

}  // namespace treering
