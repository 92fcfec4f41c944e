// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/brackets.h"

#include <algorithm>

namespace treering {
namespace {

// Characters, not bytes: what follows a first byte of UTF-8 takes no column.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// As on one line; nothing where an item asks for lines of its own, or where it gets longer than `room`.
bool fits(const Brackets& brackets, std::size_t& room) {
  if (brackets.shape == Brackets::Shape::broken && !brackets.items.empty()) return false;
  const std::size_t commas = brackets.items.empty() ? 0 : 2 * (brackets.items.size() - 1);
  const std::size_t own = width(brackets.text) + width(brackets.close) + commas;
  if (own > room) return false;
  room -= own;
  return std::ranges::all_of(brackets.items, [&](const Brackets& item) { return fits(item, room); });
}

void append_line(const Brackets& brackets, std::string& out) {
  out += brackets.text;
  for (const Brackets& item : brackets.items) {
    if (&item != &brackets.items.front()) out += ", ";
    append_line(item, out);
  }
  out += brackets.close;
}

void append(const Brackets& brackets, const BracketLayout& layout, std::string& out) {
  constexpr int kComma = 1;  // may follow on the same line
  auto room = static_cast<std::size_t>(std::max(0, layout.columns - layout.column - kComma));
  if (brackets.items.empty() || fits(brackets, room)) return append_line(brackets, out);
  out += brackets.text + "\n";
  BracketLayout inside = layout;
  inside.indent = inside.column = layout.indent + layout.step;
  for (const Brackets& item : brackets.items) {
    out.append(static_cast<std::size_t>(inside.indent), ' ');
    append(item, inside, out);
    const bool last = &item == &brackets.items.back();
    if (!last || layout.last_comma == BracketLayout::LastComma::written) out += ",";
    out += "\n";
  }
  out.append(static_cast<std::size_t>(layout.indent), ' ');
  out += brackets.close;
}

}  // namespace

std::string on_one_line(const Brackets& brackets) {
  std::string out;
  append_line(brackets, out);
  return out;
}

std::string laid_out(const Brackets& brackets, const BracketLayout& layout) {
  std::string out;
  append(brackets, layout, out);
  return out;
}

}  // namespace treering
