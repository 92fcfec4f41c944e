// SPDX-License-Identifier: Apache-2.0
// Documents as Extended JSON, by libbson, where it reads what it writes.
#include <bson/bson.h>

#include <cstdint>
#include <string>

#include "treering/base/document.h"
#include "treering/base/error.h"

namespace treering {
namespace {

// Whether a date is in it, at any depth, that is written with a year of five digits: libbson writes those in relaxed
// Extended JSON as it does others, and doesn't read them. Source: the Extended JSON specification, which has such dates
// in milliseconds.
bool holds_late_date(bson_iter_t iter) {
  constexpr std::int64_t kYear10000 = 253402300800000;
  bson_iter_t inside;
  while (bson_iter_next(&iter)) {
    if (BSON_ITER_HOLDS_DATE_TIME(&iter) && bson_iter_date_time(&iter) >= kYear10000) return true;
    if (bson_iter_recurse(&iter, &inside) && holds_late_date(inside)) return true;
  }
  return false;
}

std::string text_of(const bson_t* bson, char* (*write)(const bson_t*, std::size_t*)) {
  std::size_t size = 0;
  char* text = write(bson, &size);
  if (text == nullptr) return "{}";
  std::string result(text, size);
  bson_free(text);
  return result;
}

}  // namespace

Document Document::from_json(std::string_view json) {
  const char* text = json.data() == nullptr ? "" : json.data();  // libbson takes a null pointer for a mistake
  bson_error_t error;
  bson_t* parsed =
      bson_new_from_json(reinterpret_cast<const std::uint8_t*>(text), static_cast<ssize_t>(json.size()), &error);
  if (parsed == nullptr) throw Error(Kind::usage, std::string("not Extended JSON: ") + error.message);
  Document result;
  result.bson_ = parsed;
  return result;
}

std::string Document::json() const {
  bson_iter_t iter;
  if (bson_iter_init(&iter, bson()) && holds_late_date(iter)) return canonical_json();
  return text_of(bson(), bson_as_relaxed_extended_json);
}

std::string Document::canonical_json() const { return text_of(bson(), bson_as_canonical_extended_json); }

}  // namespace treering
