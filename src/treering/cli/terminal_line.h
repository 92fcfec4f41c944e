// SPDX-License-Identifier: Apache-2.0
// The last line of the terminal, which our progress and what code of a migration prints share.
#pragma once

#include <mutex>
#include <string_view>

namespace treering {

// Thread-safe: progress comes from timers, too.
class TerminalLine {
 public:
  // In the place of what was shown before; what code began is left as it is, on a line of its own.
  void show(std::string_view progress);
  // Takes away what is shown, or ends the line that code began: what comes next begins a line.
  void clear();

  // Around what code prints itself: takes away what is shown ...
  void before_print();
  // ... and says whether its last line is still open.
  void after_print(bool open);

 private:
  std::mutex mutex_;
  bool shown_ = false;
  bool open_ = false;
};

}  // namespace treering
