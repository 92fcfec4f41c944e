// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/python_scalar.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <limits>

#include "treering/base/error.h"
#include "treering/base/quote.h"
#include "treering/schema/decimal_bits.h"

namespace treering {
namespace {

// Milliseconds of 0001-01-01 and of the last one of 9999: what Python's datetime holds.
constexpr std::int64_t kFirstDatetime = -62135596800000;
constexpr std::int64_t kLastDatetime = 253402300799999;

// The name, imported from bson.
std::string from_bson(std::string name, Imports& imports) {
  imports.add("bson", name);
  return name;
}

std::string python_double(double value) {
  if (std::isnan(value)) return std::signbit(value) ? "-float('nan')" : "float('nan')";
  if (std::isinf(value)) return value > 0 ? "float('inf')" : "float('-inf')";
  std::string digits = fmt::format("{}", value);  // the shortest that reads back as this value
  return digits.find_first_of(".e") == std::string::npos ? digits + ".0" : digits;
}

// Python's bson writes an int as int32 where it fits.
std::string python_int64(std::int64_t value, Imports& imports) {
  const bool wide =
      value < std::numeric_limits<std::int32_t>::min() || value > std::numeric_limits<std::int32_t>::max();
  return wide ? fmt::to_string(value) : fmt::format("{}({})", from_bson("Int64", imports), value);
}

// Without a time zone: pymongo takes it for UTC.
std::string python_date(std::int64_t ms, Imports& imports) {
  if (ms < kFirstDatetime || ms > kLastDatetime) return fmt::format("{}({})", from_bson("DatetimeMS", imports), ms);
  imports.add("datetime", "datetime");
  const std::chrono::sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds(ms)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(point - day);
  std::string text = fmt::format("datetime({}, {}, {}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (point != day)
    text += fmt::format(", {}, {}, {}", time.hours().count(), time.minutes().count(), time.seconds().count());
  if (time.subseconds().count() != 0) text += fmt::format(", {}", time.subseconds().count() * 1000);
  return text + ")";
}

std::string python_binary(const Field& value, Imports& imports) {
  bson_subtype_t subtype{};
  std::uint32_t size = 0;
  const std::uint8_t* bytes = nullptr;
  bson_iter_binary(&value.iter(), &subtype, &size, &bytes);
  const std::string literal = python_bytes({bytes, size});
  if (subtype == BSON_SUBTYPE_BINARY) return literal;
  return fmt::format("{}({}, {})", from_bson("Binary", imports), literal, static_cast<int>(subtype));
}

std::string python_regex(const Field& value, Imports& imports) {
  const char* flags = nullptr;
  const char* pattern = bson_iter_regex(&value.iter(), &flags);
  const std::string_view options(flags);
  if (options.find_first_not_of("ilmsux") != std::string_view::npos)
    throw Error(Kind::usage, fmt::format("a regular expression has the options \"{}\"", options),
                "MongoDB knows the options i, l, m, s, u and x")
        .with("field", std::string(value.key()));
  const std::string name = from_bson("Regex", imports);
  if (options.empty()) return fmt::format("{}({})", name, python_quoted(pattern));
  return fmt::format("{}({}, {})", name, python_quoted(pattern), python_quoted(options));
}

std::string python_decimal(const Field& value, Imports& imports) {
  bson_decimal128_t decimal;
  bson_iter_decimal128(&value.iter(), &decimal);
  const std::string name = from_bson("Decimal128", imports);
  if (const auto text = decimal_text(decimal)) return fmt::format("{}({})", name, python_quoted(*text));
  return fmt::format("{}((0x{:x}, 0x{:x}))", name, decimal.high, decimal.low);
}

std::string python_timestamp(const Field& value, Imports& imports) {
  std::uint32_t seconds = 0;
  std::uint32_t increment = 0;
  bson_iter_timestamp(&value.iter(), &seconds, &increment);
  return fmt::format("{}({}, {})", from_bson("Timestamp", imports), seconds, increment);
}

std::string python_object_id(const Field& value, Imports& imports) {
  char digits[25];
  bson_oid_to_string(bson_iter_oid(&value.iter()), digits);
  return fmt::format("{}('{}')", from_bson("ObjectId", imports), digits);
}

std::string python_code(const Field& value, Imports& imports) {
  std::uint32_t size = 0;
  const char* code = bson_iter_code(&value.iter(), &size);
  return fmt::format("{}({})", from_bson("Code", imports), python_quoted({code, size}));
}

Error unwritable(const Field& value, std::string_view type) {
  return Error(Kind::usage,
               fmt::format("the field {} is of BSON's old type {}, which pymongo can't write",
                           comment_text(value.key()), type),
               "change it to a type of today, or write this part by hand")
      .with("field", std::string(value.key()));
}

}  // namespace

// NOLINTNEXTLINE(readability-function-size): two lines a type
std::string python_scalar(const Field& value, Imports& imports) {
  switch (value.type()) {
    case BSON_TYPE_DOUBLE:
      return python_double(*value.number());
    case BSON_TYPE_UTF8:
      return python_quoted(*value.string());
    case BSON_TYPE_BINARY:
      return python_binary(value, imports);
    case BSON_TYPE_OID:
      return python_object_id(value, imports);
    case BSON_TYPE_BOOL:
      return *value.boolean() ? "True" : "False";
    case BSON_TYPE_DATE_TIME:
      return python_date(value.date()->ms, imports);
    case BSON_TYPE_NULL:
      return "None";
    case BSON_TYPE_REGEX:
      return python_regex(value, imports);
    case BSON_TYPE_CODE:
      return python_code(value, imports);
    case BSON_TYPE_INT32:
      return fmt::to_string(*value.integer());
    case BSON_TYPE_TIMESTAMP:
      return python_timestamp(value, imports);
    case BSON_TYPE_INT64:
      return python_int64(*value.integer(), imports);
    case BSON_TYPE_DECIMAL128:
      return python_decimal(value, imports);
    case BSON_TYPE_MAXKEY:
      return from_bson("MaxKey", imports) + "()";
    case BSON_TYPE_MINKEY:
      return from_bson("MinKey", imports) + "()";
    case BSON_TYPE_DBPOINTER:
      throw unwritable(value, "DBPointer");
    case BSON_TYPE_SYMBOL:
      throw unwritable(value, "symbol");
    case BSON_TYPE_UNDEFINED:
      throw unwritable(value, "undefined");
    default:
      throw unwritable(value, fmt::format("{:#x}", static_cast<unsigned>(value.type())));
  }
}

}  // namespace treering
