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

// What is named, in words and as a field of errors.
struct Named {
  const char* words;
  const char* field;
  const char* hint;
};
constexpr Named kId{"revision identifier", "revision",
                    "use letters, digits and underscores, or leave the id out to get a time stamp"};
constexpr Named kLabel{"branch label", "label",
                       "a label is of letters, digits and underscores, and not head, heads, base or current"};

Error refused(const Named& what, std::string_view name, const std::string& why) {
  return Error(Kind::revision, why, what.hint).with(what.field, repaired_utf8(name));
}

void require_name(const Named& what, std::string_view name) {
  if (name.empty()) throw refused(what, name, fmt::format("a {} is empty", what.words));
  if (name.size() > kLongest)
    throw refused(what, name.substr(0, kLongest),
                  fmt::format("a {} of {} bytes is too long, {} are allowed", what.words, name.size(), kLongest));
  if (std::find(kSymbolWords.begin(), kSymbolWords.end(), name) != kSymbolWords.end())
    throw refused(what, name, fmt::format("'{}' can't be a {}: as a target it means something else", name, what.words));
  if (!is_utf8(name))
    throw refused(what, name, fmt::format("a {} isn't valid UTF-8: {}", what.words, json_quoted(name)));
  if (name.starts_with('.') || name.starts_with("__"))
    throw refused(what, name, fmt::format("'{}' can't be a {}: it begins as a hidden file does", name, what.words));
  for (std::size_t pos = 0; pos < name.size();) {
    const CodePoint point = decode_utf8(name, pos);
    if (!is_allowed(point.value))
      throw refused(what, name,
                    fmt::format("Character(s) {} not allowed in {} {}", python_quoted(name.substr(pos, point.size)),
                                what.words, python_quoted(name)));
    pos += point.size;
  }
}

}  // namespace

void require_revision_id(std::string_view id) { require_name(kId, id); }
void require_branch_label(std::string_view label) { require_name(kLabel, label); }

}  // namespace treering
