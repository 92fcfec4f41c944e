// SPDX-License-Identifier: Apache-2.0
// simulate --seeds N [--first N] [--processes N]: plays so many seeds, and tells the first that fails in words.
// simulate --seed N: plays one, and tells what happens.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <map>
#include <string>
#include <string_view>

#include "simulation/simulation.h"

namespace treering::simulation {
namespace {

struct Range {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::uint64_t step = 1;
};

int tell(std::uint64_t seed) {
  const Outcome outcome = simulate(seed, Story::Telling::told);
  for (const std::string& line : outcome.story) fmt::print("{}\n", line);
  if (outcome.failure.empty()) return 0;
  fmt::print("seed {} FAILED: {}\n", seed, outcome.failure);
  return 1;
}

int play(const Range& range) {
  for (std::uint64_t i = 0; i < range.count; ++i) {
    const std::uint64_t seed = range.first + i * range.step;
    if (!simulate(seed, Story::Telling::silent).failure.empty()) {
      tell(seed);  // the same once more, in words
      return 1;
    }
  }
  return 0;
}

int play_in_processes(std::uint64_t first, std::uint64_t seeds, std::uint64_t processes) {
  for (std::uint64_t i = 0; i < processes; ++i) {
    if (fork() != 0) continue;
    const int failed = play({first + i, (seeds + processes - 1 - i) / processes, processes});
    std::fflush(stdout);
    _exit(failed);
  }
  int failed = 0;
  int status = 0;
  while (wait(&status) > 0)
    if (status != 0) failed = 1;
  fmt::print("{} seeds from {} on: {}\n", seeds, first, failed == 0 ? "everything held" : "FAILED");
  return failed;
}

int run(int count, char** arguments) {
  std::map<std::string_view, std::uint64_t> given = {{"--seeds", 1000}, {"--first", 1}, {"--processes", 1}};
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = arguments[i];
    const std::string_view value = i + 1 < count ? arguments[i + 1] : "";
    std::uint64_t number = 0;
    const auto [end, bad] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool is_known = given.contains(name) || name == "--seed";
    if (!is_known || value.empty() || bad != std::errc() || end != value.data() + value.size()) {
      fmt::print(stderr, "usage: simulate [--seeds N] [--first N] [--processes N] | --seed N\n");
      return 2;
    }
    given[name] = number;
  }
  if (given.contains("--seed")) return tell(given["--seed"]);
  return play_in_processes(given["--first"], given["--seeds"], std::max<std::uint64_t>(given["--processes"], 1));
}

}  // namespace
}  // namespace treering::simulation

int main(int count, char** arguments) { return treering::simulation::run(count, arguments); }
