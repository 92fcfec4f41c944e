// SPDX-License-Identifier: Apache-2.0
#include "treering/history/python_string.h"

#include <charconv>
#include <optional>

#include "treering/base/utf8.h"
#include "treering/history/python_source.h"

namespace treering {
namespace {

// The value of exactly `count` hexadecimal digits at `pos`.
std::optional<char32_t> hex_at(std::string_view body, std::size_t pos, std::size_t count) {
  if (body.size() - pos < count) return std::nullopt;
  unsigned value = 0;
  const char* end = body.data() + pos + count;
  const auto [stop, failure] = std::from_chars(body.data() + pos, end, value, 16);
  if (failure != std::errc() || stop != end || value > 0x10FFFF) return std::nullopt;
  return value;
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// Decodes the escape whose backslash stands at `pos`, appends its value, gives the position after it.
class EscapeDecoder {
 public:
  EscapeDecoder(std::string_view body, BadEscape bad, std::string& value) : body_(body), bad_(bad), value_(value) {}

  std::size_t decode(std::size_t pos) {
    if (pos + 1 >= body_.size()) return keep(pos, 1);
    const char c = body_[pos + 1];
    constexpr std::string_view kNames = "\\'\"abfnrtv";
    constexpr std::string_view kValues = "\\'\"\a\b\f\n\r\t\v";
    if (const auto i = kNames.find(c); i != std::string_view::npos) {
      value_.push_back(kValues[i]);
      return pos + 2;
    }
    switch (c) {
      case '\r':
        return pos + (pos + 2 < body_.size() && body_[pos + 2] == '\n' ? 3 : 2);  // a continued line
      case '\n':
        return pos + 2;
      case 'x':
        return hex(pos, 2);
      case 'u':
        return hex(pos, 4);
      case 'U':
        return hex(pos, 8);
      case 'N':
        return refuse(pos, "\\N{...} can't be read without running Python");
      default:
        return is_octal(c) ? octal(pos) : keep(pos, 1);  // Python keeps an unknown escape's backslash
    }
  }

 private:
  std::size_t keep(std::size_t pos, std::size_t count) {
    value_ += body_.substr(pos, count);
    return pos + count;
  }

  std::size_t refuse(std::size_t pos, const char* what) {
    if (bad_ == BadEscape::refused) throw SourceError{what, pos};
    return keep(pos, 2);
  }

  std::size_t hex(std::size_t pos, std::size_t digits) {
    const auto point = hex_at(body_, pos + 2, digits);
    if (!point) return refuse(pos, "broken escape in a string");
    append_utf8(value_, *point);
    return pos + 2 + digits;
  }

  std::size_t octal(std::size_t pos) {
    char32_t point = 0;
    std::size_t i = pos + 1;
    for (; i < body_.size() && i < pos + 4 && is_octal(body_[i]); ++i)
      point = point * 8 + static_cast<char32_t>(body_[i] - '0');
    append_utf8(value_, point);
    return i;
  }

  std::string_view body_;
  BadEscape bad_;
  std::string& value_;
};

}  // namespace

std::string decode_python_string(std::string_view body, Escapes escapes, BadEscape bad) {
  std::string value;
  value.reserve(body.size());
  EscapeDecoder decoder(body, bad, value);
  for (std::size_t pos = 0; pos < body.size();) {
    const char c = body[pos];
    if (c == '\\' && escapes == Escapes::decoded) {
      pos = decoder.decode(pos);
    } else if (c == '\r') {
      value.push_back('\n');
      pos += pos + 1 < body.size() && body[pos + 1] == '\n' ? 2 : 1;
    } else if (static_cast<unsigned char>(c) < 0x80) {
      value.push_back(c);
      ++pos;
    } else {
      const CodePoint point = decode_utf8(body, pos);
      append_utf8(value, point.value);
      pos += point.size;
    }
  }
  return value;
}

}  // namespace treering
