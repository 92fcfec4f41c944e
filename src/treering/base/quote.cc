// SPDX-License-Identifier: Apache-2.0
#include "treering/base/quote.h"

#include <fmt/format.h>

#include "treering/base/error.h"
#include "treering/base/utf8.h"

namespace treering {
namespace {

std::string python_escape(char32_t c) {
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  const auto value = static_cast<unsigned>(c);
  return value < 0x100 ? fmt::format("\\x{:02x}", value) : fmt::format("\\u{:04x}", value);
}

CodePoint decode_valid(std::string_view text, std::size_t pos) {
  const CodePoint point = decode_utf8(text, pos);
  if (!point.valid)
    throw Error(Kind::usage, fmt::format("text isn't valid UTF-8 at byte {}", pos + 1), "give the text as UTF-8");
  return point;
}

std::string python_literal(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (std::size_t pos = 0; pos < text.size();) {
    const CodePoint point = decode_valid(text, pos);
    if (point.value == static_cast<unsigned char>(quote) || point.value == '\\')
      quoted.append("\\").push_back(static_cast<char>(point.value));
    else if (is_hidden(point.value))
      quoted += python_escape(point.value);
    else
      quoted += text.substr(pos, point.size);
    pos += point.size;
  }
  return quoted + quote;
}

}  // namespace

bool is_hidden(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD || c == 0x61C || (c >= 0x200E && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB);
}

std::string python_quoted(std::string_view text) { return python_literal(text, '\''); }
std::string python_double_quoted(std::string_view text) { return python_literal(text, '"'); }
std::string javascript_quoted(std::string_view text) { return python_literal(text, '"'); }

std::string python_bytes(std::span<const std::uint8_t> bytes) {
  std::string quoted = "b'";
  for (const std::uint8_t byte : bytes) {
    if (byte == '\'' || byte == '\\')
      quoted.append("\\").push_back(static_cast<char>(byte));
    else if (byte >= 0x20 && byte < 0x7F)
      quoted.push_back(static_cast<char>(byte));
    else
      quoted += python_escape(byte);
  }
  return quoted + "'";
}

std::string comment_text(std::string_view text) {
  std::string line;
  for (std::size_t pos = 0; pos < text.size();) {
    const CodePoint point = decode_valid(text, pos);
    if (is_hidden(point.value))
      line += python_escape(point.value);
    else
      line += text.substr(pos, point.size);
    pos += point.size;
  }
  return line;
}

std::string python_docstring_text(std::string_view text) {
  std::string inside;
  inside.reserve(text.size());
  int quotes = 0;  // unescaped in a row so far
  for (std::size_t pos = 0; pos < text.size();) {
    const CodePoint point = decode_valid(text, pos);
    const bool last = pos + point.size == text.size();
    if (point.value == '\\') {
      inside += "\\\\";
    } else if (point.value == '"' && (quotes == 2 || last)) {
      inside += "\\\"";
      quotes = -1;
    } else if (point.value != '\n' && point.value != '\t' && is_hidden(point.value)) {
      inside += python_escape(point.value);
    } else {
      inside += text.substr(pos, point.size);
    }
    quotes = point.value == '"' ? quotes + 1 : 0;
    pos += point.size;
  }
  return inside;
}

std::string json_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (std::size_t pos = 0; pos < text.size();) {
    const CodePoint point = decode_utf8(text, pos);
    pos += point.size;
    switch (point.value) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      default:
        if (point.value < 0x20 || point.value == 0x7F || (point.value >= 0x2028 && point.value <= 0x2029))
          quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(point.value));
        else
          append_utf8(quoted, point.value);
    }
  }
  return quoted + "\"";
}

}  // namespace treering
