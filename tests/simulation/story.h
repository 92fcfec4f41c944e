// SPDX-License-Identifier: Apache-2.0
// What happened in a simulation, in words: who did what, which fault, when by the server's clock.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "simulation/scheduler.h"

namespace treering::simulation {

class Story {
 public:
  enum class Telling { silent, told };

  Story(const Scheduler& scheduler, Telling telling) : scheduler_(scheduler), told_(telling == Telling::told) {}

  template <typename... Arguments>
  void tell(const std::string& who, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    if (!told_) return;
    lines_.push_back(fmt::format("{:10.3f} ms  {:<4} {}", static_cast<double>(scheduler_.now_us()) / 1000, who,
                                 fmt::format(format, std::forward<Arguments>(arguments)...)));
  }
  bool is_told() const { return told_; }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  const Scheduler& scheduler_;
  bool told_;
  std::vector<std::string> lines_;
};

}  // namespace treering::simulation
