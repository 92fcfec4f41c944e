// SPDX-License-Identifier: Apache-2.0
#include "treering/cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "treering/base/utf8.h"

namespace treering {
namespace {

using Range = std::pair<char32_t, char32_t>;

template <std::size_t N>
bool in_ranges(char32_t code, const std::array<Range, N>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& r) { return code >= r.first && code <= r.second; });
}

// C0, DEL, C1, separators of lines, and what reorders or hides text (bidirectional controls, the byte order mark,
// tags).
bool is_harmful(char32_t code) {
  static constexpr std::array<Range, 8> kRanges{{{0x00, 0x1F},
                                                 {0x7F, 0x9F},
                                                 {0x061C, 0x061C},
                                                 {0x200E, 0x200F},
                                                 {0x2028, 0x202E},
                                                 {0x2066, 0x2069},
                                                 {0xFEFF, 0xFEFF},
                                                 {0xE0000, 0xE007F}}};
  return in_ranges(code, kRanges);
}

// Blocks of combining marks and zero-width characters, roughly: what a commit message may hold.
bool has_no_width(char32_t code) {
  static constexpr std::array<Range, 14> kRanges{{{0x0300, 0x036F},
                                                  {0x0483, 0x0489},
                                                  {0x0591, 0x05BD},
                                                  {0x0610, 0x061A},
                                                  {0x064B, 0x065F},
                                                  {0x093C, 0x093C},
                                                  {0x0941, 0x0948},
                                                  {0x0E31, 0x0E31},
                                                  {0x0E34, 0x0E3A},
                                                  {0x1AB0, 0x1AFF},
                                                  {0x200B, 0x200D},
                                                  {0x20D0, 0x20FF},
                                                  {0xFE00, 0xFE0F},
                                                  {0xFE20, 0xFE2F}}};
  return in_ranges(code, kRanges);
}

// East Asian Wide and Fullwidth, and emoji.
bool is_wide(char32_t code) {
  static constexpr std::array<Range, 13> kRanges{{{0x1100, 0x115F},
                                                  {0x2E80, 0x303E},
                                                  {0x3041, 0x4DBF},
                                                  {0x4E00, 0x9FFF},
                                                  {0xA000, 0xA4CF},
                                                  {0xA960, 0xA97F},
                                                  {0xAC00, 0xD7A3},
                                                  {0xF900, 0xFAFF},
                                                  {0xFE30, 0xFE6F},
                                                  {0xFF00, 0xFF60},
                                                  {0xFFE0, 0xFFE6},
                                                  {0x1F300, 0x1FAFF},
                                                  {0x20000, 0x3FFFD}}};
  return in_ranges(code, kRanges);
}

std::size_t width_of(char32_t code) {
  if (has_no_width(code)) return 0;
  return is_wide(code) ? 2 : 1;
}

std::string escaped(char32_t code) {
  if (code == '\n') return "\\n";
  if (code == '\r') return "\\r";
  if (code == '\t') return "\\t";
  if (code < 0x100) return fmt::format("\\x{:02x}", static_cast<unsigned>(code));
  if (code < 0x10000) return fmt::format("\\u{:04x}", static_cast<unsigned>(code));
  return fmt::format("\\U{:08x}", static_cast<unsigned>(code));
}

enum class LineEnds { escape, keep };

std::string harmless(std::string_view text, LineEnds line_ends) {
  std::string result;
  result.reserve(text.size());
  CodePoint point;
  for (std::size_t pos = 0; pos < text.size(); pos += point.size) {
    point = decode_utf8(text, pos);
    const bool kept_as_is = line_ends == LineEnds::keep && (point.value == '\n' || point.value == '\t');
    if (!point.valid) {
      result += escaped(static_cast<unsigned char>(text[pos]));
    } else if (is_harmful(point.value) && !kept_as_is) {
      result += escaped(point.value);
    } else {
      result += text.substr(pos, point.size);
    }
  }
  return result;
}

}  // namespace

std::string one_line(std::string_view text) { return harmless(text, LineEnds::escape); }
std::string many_lines(std::string_view text) { return harmless(text, LineEnds::keep); }

std::string harmless_json(std::string_view json) {
  std::string result;
  result.reserve(json.size());
  CodePoint point;
  for (std::size_t pos = 0; pos < json.size(); pos += point.size) {
    point = decode_utf8(json, pos);
    if (point.value < 0x20 || !is_harmful(point.value)) {  // those below are the layout; a text has none
      result += json.substr(pos, point.size);
    } else if (point.value < 0x10000) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(point.value));
    } else {
      const auto rest = static_cast<unsigned>(point.value) - 0x10000;
      result += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
    }
  }
  return result;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  CodePoint point;
  for (std::size_t pos = 0; pos < text.size(); pos += point.size) {
    point = decode_utf8(text, pos);
    width += width_of(point.value);
  }
  return width;
}

std::string in_columns(std::string_view text, std::size_t columns) {
  const std::size_t width = display_width(text);
  if (width <= columns) return std::string(text) + std::string(columns - width, ' ');
  std::string result;
  std::size_t used = 0;
  CodePoint point;
  for (std::size_t pos = 0; pos < text.size(); pos += point.size) {
    point = decode_utf8(text, pos);
    if (used + width_of(point.value) + 1 > columns) break;
    used += width_of(point.value);
    result += text.substr(pos, point.size);
  }
  if (used < columns) {
    result += "…";
    ++used;
  }
  return result + std::string(columns - used, ' ');
}

std::string right_aligned(std::string_view text, std::size_t columns) {
  const std::size_t width = display_width(text);
  return (width < columns ? std::string(columns - width, ' ') : std::string()) + std::string(text);
}

std::string indented(std::string_view text, std::string_view indent) {
  std::string result;
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  for (bool first = true; first || !text.empty(); first = false) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (!first) result += '\n';
    if (end > 0) result.append(indent).append(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string joined(const std::vector<std::string>& items, std::string_view between) {
  return fmt::format("{}", fmt::join(items, between));
}

std::string duration_text(std::int64_t us) {
  if (us < 995) return fmt::format("{:.1f} ms", static_cast<double>(us) / 1e3);
  if (us < 999'500) return fmt::format("{} ms", (us + 500) / 1000);
  return seconds_text(us);
}

std::string seconds_text(std::int64_t us) {
  if (us < 59'950'000) return fmt::format("{:.1f} s", static_cast<double>(us) / 1e6);
  const std::int64_t seconds = (us + 500'000) / 1'000'000;
  return fmt::format("{} min {} s", seconds / 60, seconds % 60);
}

}  // namespace treering
