// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/mongosh_scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <span>

#include "treering/base/base64.h"
#include "treering/base/error.h"
#include "treering/base/quote.h"
#include "treering/schema/decimal_bits.h"

namespace treering {
namespace {

// Milliseconds of 0001-01-01 and of the last one of 9999: what ISODate reads.
constexpr std::int64_t kFirstIsoDate = -62135596800000;
constexpr std::int64_t kLastIsoDate = 253402300799999;
// The first and the last one that JavaScript has, a hundred million days from 1970.
constexpr std::int64_t kLastDate = 8640000000000000;

Error unwritable(const Field& value, std::string_view what, std::string hint) {
  return Error(Kind::usage, fmt::format("the field {} is {}", comment_text(value.key()), what), std::move(hint))
      .with("field", std::string(value.key()));
}

Error old_type(const Field& value, std::string_view type) {
  return unwritable(value, fmt::format("of BSON's old type {}, which mongosh can't send", type),
                    "change it to a type of today, or write this part by hand");
}

std::string mongosh_double(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  const std::string digits = fmt::format("{}", value);  // the shortest that reads back as this value
  // A whole number without a type may be sent as an integer.
  return digits.find_first_of(".e") == std::string::npos ? fmt::format("Double({})", digits) : digits;
}

std::string mongosh_date(const Field& value) {
  const std::int64_t ms = value.date()->ms;
  if (ms < -kLastDate || ms > kLastDate)
    throw unwritable(value, "a date past the year 275760, which JavaScript can't hold",
                     "change it to a date that all languages have, or run this revision with treering");
  if (ms < kFirstIsoDate || ms > kLastIsoDate) return fmt::format("new Date({})", ms);
  const std::chrono::sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds(ms)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(point - day);
  const auto fraction = time.subseconds().count();
  return fmt::format("ISODate(\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z\")", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(),
                     fraction == 0 ? "" : fmt::format(".{:03}", fraction));
}

// What mongosh looks at before it sends one: type of the items, bits of the last byte that don't count, items.
bool is_vector(std::span<const std::uint8_t> bytes) {
  constexpr std::uint8_t kInt8 = 0x03;
  constexpr std::uint8_t kFloat32 = 0x27;
  constexpr std::uint8_t kBits = 0x10;
  if (bytes.size() < 2) return false;
  const std::uint8_t padding = bytes[1];
  switch (bytes[0]) {
    case kInt8:
      return padding == 0;
    case kFloat32:
      return padding == 0 && (bytes.size() - 2) % 4 == 0;
    case kBits:
      return padding <= 7 && (padding == 0 || bytes.size() > 2);
    default:
      return false;
  }
}

std::string mongosh_binary(const Field& value) {
  constexpr auto kVector = 9;
  constexpr std::size_t kUuidBytes = 16;
  bson_subtype_t subtype{};
  std::uint32_t size = 0;
  const std::uint8_t* data = nullptr;
  bson_iter_binary(&value.iter(), &subtype, &size, &data);
  const std::span bytes(data, size);
  if (static_cast<int>(subtype) == kVector && !is_vector(bytes))
    throw unwritable(value, "binary data that is marked as a vector and isn't one, which mongosh doesn't send",
                     "mend it, or run this revision with treering");
  if (subtype != BSON_SUBTYPE_UUID || size != kUuidBytes)
    return fmt::format("BinData({}, \"{}\")", static_cast<int>(subtype), base64(bytes));
  std::string digits;
  for (std::size_t i = 0; i < size; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) digits += '-';
    digits += fmt::format("{:02x}", bytes[i]);
  }
  return fmt::format("UUID(\"{}\")", digits);
}

std::string mongosh_regex(const Field& value) {
  const char* flags = nullptr;
  const char* pattern = bson_iter_regex(&value.iter(), &flags);
  std::string options(flags);
  if (options.find_first_not_of("ilmsux") != std::string::npos)
    throw unwritable(value, fmt::format("a regular expression with the options {}", javascript_quoted(options)),
                     "MongoDB knows the options i, l, m, s, u and x");
  std::ranges::sort(options);
  if (options.empty()) return fmt::format("BSONRegExp({})", javascript_quoted(pattern));
  return fmt::format("BSONRegExp({}, \"{}\")", javascript_quoted(pattern), options);
}

std::string mongosh_decimal(const Field& value) {
  bson_decimal128_t decimal;
  bson_iter_decimal128(&value.iter(), &decimal);
  if (const auto text = decimal_text(decimal)) return fmt::format("NumberDecimal(\"{}\")", *text);
  std::string bytes;
  for (const std::uint64_t half : {decimal.low, decimal.high})
    for (unsigned shift = 0; shift < 64; shift += 8) bytes += fmt::format("{:02x}", (half >> shift) & 0xFF);
  return fmt::format("new Decimal128(Buffer.from(\"{}\", \"hex\"))", bytes);
}

std::string mongosh_timestamp(const Field& value) {
  std::uint32_t seconds = 0;
  std::uint32_t increment = 0;
  bson_iter_timestamp(&value.iter(), &seconds, &increment);
  return fmt::format("Timestamp({{t: {}, i: {}}})", seconds, increment);
}

std::string mongosh_object_id(const Field& value) {
  std::array<char, 25> digits{};
  bson_oid_to_string(bson_iter_oid(&value.iter()), digits.data());
  return fmt::format("ObjectId(\"{}\")", digits.data());
}

std::string mongosh_code(const Field& value) {
  std::uint32_t size = 0;
  const char* code = bson_iter_code(&value.iter(), &size);
  return fmt::format("Code({})", javascript_quoted({code, size}));
}

std::string mongosh_symbol(const Field& value) {
  std::uint32_t size = 0;
  const char* symbol = bson_iter_symbol(&value.iter(), &size);
  return fmt::format("BSONSymbol({})", javascript_quoted({symbol, size}));
}

}  // namespace

// NOLINTNEXTLINE(readability-function-size): two lines a type
std::string mongosh_scalar(const Field& value) {
  switch (value.type()) {
    case BSON_TYPE_DOUBLE:
      return mongosh_double(*value.number());
    case BSON_TYPE_UTF8:
      return javascript_quoted(*value.string());
    case BSON_TYPE_BINARY:
      return mongosh_binary(value);
    case BSON_TYPE_OID:
      return mongosh_object_id(value);
    case BSON_TYPE_BOOL:
      return *value.boolean() ? "true" : "false";
    case BSON_TYPE_DATE_TIME:
      return mongosh_date(value);
    case BSON_TYPE_NULL:
      return "null";
    case BSON_TYPE_REGEX:
      return mongosh_regex(value);
    case BSON_TYPE_CODE:
      return mongosh_code(value);
    case BSON_TYPE_SYMBOL:
      return mongosh_symbol(value);
    case BSON_TYPE_INT32:
      return fmt::to_string(*value.integer());
    case BSON_TYPE_TIMESTAMP:
      return mongosh_timestamp(value);
    case BSON_TYPE_INT64:
      return fmt::format("NumberLong(\"{}\")", *value.integer());
    case BSON_TYPE_DECIMAL128:
      return mongosh_decimal(value);
    case BSON_TYPE_MAXKEY:
      return "MaxKey()";
    case BSON_TYPE_MINKEY:
      return "MinKey()";
    case BSON_TYPE_UNDEFINED:
      throw old_type(value, "undefined");
    case BSON_TYPE_DBPOINTER:
      throw old_type(value, "DBPointer");
    default:
      throw old_type(value, fmt::format("{:#x}", static_cast<unsigned>(value.type())));
  }
}

}  // namespace treering
