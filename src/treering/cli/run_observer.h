// SPDX-License-Identifier: Apache-2.0
// What a verb tells while it works, on the two streams.
#pragma once

#include <cstdint>
#include <string>

#include "treering/cli/output.h"
#include "treering/engine/project.h"
#include "treering/engine/report.h"

namespace treering {

// Notes only.
class NoteObserver : public Observer {
 public:
  explicit NoteObserver(Output& output) : output_(output) {}
  void note(const std::string& line) override;
  void step_started(const std::string&, const std::string&, Direction) override {}
  void step_finished(const StepReport&) override {}
  void progress(const Progress& progress) override;

 protected:
  Output& output_;

 private:
  std::int64_t told_us_ = 0;  // of the progress under way: when the last milestone was told
};

// A line for each step as it finishes; with --verbose also when it starts, and what it did in words.
class StepObserver : public NoteObserver {
 public:
  using NoteObserver::NoteObserver;
  void step_started(const std::string& revision, const std::string& message, Direction direction) override;
  void step_finished(const StepReport& step) override;
};

}  // namespace treering
