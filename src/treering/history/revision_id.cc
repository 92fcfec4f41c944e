// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "treering/base/error.h"
#include "treering/base/quote.h"
#include "treering/base/utf8.h"
#include "treering/history/target.h"

namespace treering {
namespace {

constexpr std::size_t kLongest = 100;
constexpr std::array<std::string_view, 4> kSymbolWords{"head", "heads", "base", "current"};
constexpr std::string_view kHint = "use letters, digits and underscores, or leave the id out to get a time stamp";

bool is_space_or_control(char32_t c) {
  return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x206F) || c == 0x3000 || c == 0xFEFF;
}

// What nobody sees, and what stands for a character that couldn't be read.
bool is_hidden_or_unread(char32_t c) {
  return c == 0xAD || c == 0x61C || (c >= 0xFFF9 && c <= 0xFFFD) || (c >= 0xE0000 && c <= 0xE007F);
}

bool is_allowed(char32_t c) {
  constexpr std::u32string_view kRefused = U"@-+:/\\'\"`";
  return !is_space_or_control(c) && !is_hidden_or_unread(c) && kRefused.find(c) == std::u32string_view::npos;
}

Error refused(std::string_view id, const std::string& why) {
  return Error(Kind::revision, why, std::string(kHint)).with("revision", repaired_utf8(id));
}

}  // namespace

void require_revision_id(std::string_view id) {
  if (id.empty()) throw refused(id, "a revision identifier is empty");
  if (id.size() > kLongest)
    throw refused(id.substr(0, kLongest),
                  fmt::format("a revision identifier of {} bytes is too long, {} are allowed", id.size(), kLongest));
  if (std::find(kSymbolWords.begin(), kSymbolWords.end(), id) != kSymbolWords.end())
    throw refused(id, fmt::format("'{}' can't be a revision identifier: as a target it means something else", id));
  if (!is_utf8(id)) throw refused(id, fmt::format("a revision identifier isn't valid UTF-8: {}", json_quoted(id)));
  if (id.starts_with('.') || id.starts_with("__"))
    throw refused(id, fmt::format("'{}' can't be a revision identifier: a file of that name is hidden", id));
  for (std::size_t pos = 0; pos < id.size();) {
    const CodePoint point = decode_utf8(id, pos);
    if (!is_allowed(point.value))
      throw refused(id, fmt::format("Character(s) {} not allowed in revision identifier {}",
                                    python_quoted(id.substr(pos, point.size)), python_quoted(id)));
    pos += point.size;
  }
}

}  // namespace treering
