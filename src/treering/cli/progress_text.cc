// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/progress_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "treering/cli/text.h"

namespace treering {
namespace {

constexpr std::int64_t kBarColumns = 20;

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (auto place = static_cast<std::ptrdiff_t>(digits.size()) - 3; place > 0; place -= 3)
    digits.insert(static_cast<std::size_t>(place), ",");
  return digits;
}

std::string documents(std::int64_t count) { return grouped(count) + (count == 1 ? " document" : " documents"); }

}  // namespace

std::string progress_line(const Progress& progress, std::size_t columns) {
  const std::string what = one_line(progress.what);
  if (progress.done == 0 && !progress.total)  // an index build, where the server doesn't say how far it is
    return fmt::format("{}  {}{}", what, progress.ended ? "took " : "", seconds_text(progress.elapsed_us));
  if (progress.ended)
    return fmt::format("{}  {} in {}", what, documents(progress.done), seconds_text(progress.elapsed_us));
  const std::int64_t elapsed = std::max<std::int64_t>(progress.elapsed_us, 1);
  const auto rate = static_cast<std::int64_t>(static_cast<double>(progress.done) * 1e6 / static_cast<double>(elapsed));
  if (!progress.total || *progress.total <= 0)
    return fmt::format("{}  {}  {}/s", what, documents(progress.done), grouped(rate));
  const std::int64_t done = std::min(progress.done, *progress.total);
  const std::int64_t filled = done * kBarColumns / *progress.total;
  const std::string bar = fmt::format("  [{}{}]", std::string(static_cast<std::size_t>(filled), '#'),
                                      std::string(static_cast<std::size_t>(kBarColumns - filled), '-'));
  std::string numbers = fmt::format("  {}%  {} of {}  {}/s", done * 100 / *progress.total, grouped(done),
                                    documents(*progress.total), grouped(rate));
  if (rate > 0) numbers += fmt::format("  {} left", seconds_text((*progress.total - done) * 1000000 / rate));
  return what.size() + bar.size() + numbers.size() > columns ? what + numbers : what + bar + numbers;
}

}  // namespace treering
