// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/terminal_line.h"

#include <cstdio>
#include <string>
#include <utility>

namespace treering {
namespace {

constexpr std::string_view kErase = "\r\x1b[K";

void put(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

void TerminalLine::show(std::string_view progress) {
  std::lock_guard lock(mutex_);
  std::string text(std::exchange(open_, false) ? "\n" : "");
  put(text.append(kErase).append(progress));
  shown_ = true;
}

void TerminalLine::clear() {
  std::lock_guard lock(mutex_);
  if (std::exchange(shown_, false)) put(kErase);
  if (std::exchange(open_, false)) put("\n");
}

void TerminalLine::before_print() {
  std::lock_guard lock(mutex_);
  if (std::exchange(shown_, false)) put(kErase);
}

void TerminalLine::after_print(bool open) {
  std::lock_guard lock(mutex_);
  open_ = open;
}

}  // namespace treering
