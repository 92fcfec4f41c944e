// SPDX-License-Identifier: Apache-2.0
#include "treering/base/document.h"

#include <algorithm>

#include "treering/base/error.h"

namespace treering {
namespace {

// libbson takes lengths as int, reads null pointers as BSON null or aborts on them, and says no by returning false.
int length(std::string_view text) { return static_cast<int>(text.size()); }
const char* start(std::string_view text) { return text.data() == nullptr ? "" : text.data(); }

void require_appended(bool appended, std::string_view key) {
  if (appended) return;
  if (key.find('\0') != std::string_view::npos)
    throw Error(Kind::usage, "a field's name holds a NUL character, which BSON can't");
  throw Error(Kind::usage, "the field \"" + std::string(key) + "\" doesn't fit: a BSON document holds less than 2 GiB");
}

// libbson takes a document for valid whose closing zero stands before its end, and one that holds such a document.
bool fills_its_length(const bson_t& bson, int depth = 0) {
  constexpr int kDeepest = 200;  // a server takes 100, a driver 180
  bson_iter_t iter;
  if (depth > kDeepest || !bson_iter_init(&iter, &bson)) return false;
  std::uint32_t end = iter.next_off;
  while (bson_iter_next(&iter)) {
    end = iter.next_off;
    if (!BSON_ITER_HOLDS_DOCUMENT(&iter) && !BSON_ITER_HOLDS_ARRAY(&iter)) continue;
    std::uint32_t size = 0;
    const std::uint8_t* data = nullptr;
    bson_t inner;
    if (BSON_ITER_HOLDS_DOCUMENT(&iter)) {
      bson_iter_document(&iter, &size, &data);
    } else {
      bson_iter_array(&iter, &size, &data);
    }
    if (data == nullptr || !bson_init_static(&inner, data, size) || !fills_its_length(inner, depth + 1)) return false;
  }
  return end + 1 == bson.len;
}

Document array_of(std::size_t count, auto&& add_item) {
  Document result;
  for (std::size_t i = 0; i < count; ++i) add_item(result, std::to_string(i), i);
  return result;
}

}  // namespace

std::optional<std::string> Field::string() const {
  if (type() != BSON_TYPE_UTF8) return std::nullopt;
  std::uint32_t size = 0;
  const char* text = bson_iter_utf8(&iter_, &size);
  return std::string(text, size);
}

std::optional<std::int64_t> Field::integer() const {
  switch (type()) {
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64:
    case BSON_TYPE_BOOL:
      return bson_iter_as_int64(&iter_);
    case BSON_TYPE_DOUBLE: {
      const double value = bson_iter_double(&iter_);
      constexpr double kLimit = 9223372036854775808.0;  // 2^63: casting what lies outside is undefined
      if (!(value >= -kLimit && value < kLimit)) return std::nullopt;
      return static_cast<std::int64_t>(value);
    }
    default:
      return std::nullopt;
  }
}

std::optional<double> Field::number() const {
  switch (type()) {
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64:
    case BSON_TYPE_DOUBLE:
    case BSON_TYPE_BOOL:
      return bson_iter_as_double(&iter_);
    default:
      return std::nullopt;
  }
}

std::optional<bool> Field::boolean() const {
  if (type() == BSON_TYPE_BOOL) return bson_iter_bool(&iter_);
  if (auto value = number()) return *value != 0.0;
  return std::nullopt;
}

std::optional<Date> Field::date() const {
  if (type() != BSON_TYPE_DATE_TIME) return std::nullopt;
  return Date{bson_iter_date_time(&iter_)};
}

std::optional<Document> Field::document() const {
  const std::uint8_t* data = nullptr;
  std::uint32_t size = 0;
  if (is_document()) {
    bson_iter_document(&iter_, &size, &data);
  } else if (is_array()) {
    bson_iter_array(&iter_, &size, &data);
  } else {
    return std::nullopt;
  }
  bson_t view;
  if (!bson_init_static(&view, data, size)) return std::nullopt;
  return Document::from_bson(view);
}

Document::Document(const Document& other) : bson_(other.bson_ == nullptr ? nullptr : bson_copy(other.bson_)) {}
Document::Document(Document&& other) noexcept : bson_(std::exchange(other.bson_, nullptr)) {}
Document& Document::operator=(Document other) noexcept {
  std::swap(bson_, other.bson_);
  return *this;
}
Document::~Document() {
  if (bson_ != nullptr) bson_destroy(bson_);
}

const bson_t* Document::bson() const {
  static const bson_t kEmpty = BSON_INITIALIZER;
  return bson_ == nullptr ? &kEmpty : bson_;
}

bson_t* Document::writable() {
  if (bson_ == nullptr) bson_ = bson_new();
  return bson_;
}

Document Document::from_bytes(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kSmallest = 5;  // length and the closing zero
  bson_t view;
  std::size_t offset = 0;
  if (bytes.size() < kSmallest || !bson_init_static(&view, bytes.data(), bytes.size()) ||
      !bson_validate(&view, BSON_VALIDATE_NONE, &offset) || !fills_its_length(view))
    throw Error(Kind::usage, "these " + std::to_string(bytes.size()) + " bytes are not a BSON document");
  return from_bson(view);
}

Document Document::from_bson(const bson_t& bson) {
  Document result;
  result.bson_ = bson_copy(&bson);
  return result;
}

Document Document::array(const std::vector<std::string>& items) {
  return array_of(items.size(), [&](Document& to, const std::string& key, std::size_t i) { to.add(key, items[i]); });
}

Document Document::array(const std::vector<Document>& items) {
  return array_of(items.size(), [&](Document& to, const std::string& key, std::size_t i) { to.add(key, items[i]); });
}

Document& Document::add(std::string_view key, std::string_view value) {
  require_appended(bson_append_utf8(writable(), start(key), length(key), start(value), length(value)), key);
  return *this;
}
Document& Document::add(std::string_view key, bool value) {
  require_appended(bson_append_bool(writable(), start(key), length(key), value), key);
  return *this;
}
Document& Document::add(std::string_view key, std::int32_t value) {
  require_appended(bson_append_int32(writable(), start(key), length(key), value), key);
  return *this;
}
Document& Document::add(std::string_view key, std::int64_t value) {
  require_appended(bson_append_int64(writable(), start(key), length(key), value), key);
  return *this;
}
Document& Document::add(std::string_view key, double value) {
  require_appended(bson_append_double(writable(), start(key), length(key), value), key);
  return *this;
}
Document& Document::add(std::string_view key, Date value) {
  require_appended(bson_append_date_time(writable(), start(key), length(key), value.ms), key);
  return *this;
}
Document& Document::add(std::string_view key, const bson_oid_t& value) {
  require_appended(bson_append_oid(writable(), start(key), length(key), &value), key);
  return *this;
}
Document& Document::add(std::string_view key, const Document& value) {
  if (&value == this) return add(key, Document(value));  // libbson would read from memory that growing has moved
  require_appended(bson_append_document(writable(), start(key), length(key), value.bson()), key);
  return *this;
}
Document& Document::add_array(std::string_view key, const Document& value) {
  if (&value == this) return add_array(key, Document(value));
  require_appended(bson_append_array(writable(), start(key), length(key), value.bson()), key);
  return *this;
}
Document& Document::add_array(std::string_view key, const std::vector<std::string>& items) {
  return add_array(key, array(items));
}
Document& Document::add_array(std::string_view key, const std::vector<Document>& items) {
  return add_array(key, array(items));
}
Document& Document::add_null(std::string_view key) {
  require_appended(bson_append_null(writable(), start(key), length(key)), key);
  return *this;
}
Document& Document::add_binary(std::string_view key, std::span<const std::uint8_t> bytes, bson_subtype_t subtype) {
  static constexpr std::uint8_t kNothing = 0;
  const std::uint8_t* data = bytes.empty() ? &kNothing : bytes.data();
  require_appended(
      bson_append_binary(writable(), start(key), length(key), subtype, data, static_cast<std::uint32_t>(bytes.size())),
      key);
  return *this;
}
Document& Document::add(const Field& field) { return add(field.key(), field); }
Document& Document::add(std::string_view key, const Field& field) {
  if (field.iter().raw == bson_get_data(bson())) {  // a field of this very document
    const Document copy(*this);
    bson_iter_t iter = field.iter();
    iter.raw = bson_get_data(copy.bson());
    return add(key, Field(iter));
  }
  require_appended(bson_append_iter(writable(), start(key), length(key), &field.iter()), key);
  return *this;
}
Document& Document::add_all(const Document& other) {
  for (const Field& field : other.fields()) add(field);
  return *this;
}

bool Document::empty() const { return bson_empty(bson()); }
std::size_t Document::count() const { return bson_count_keys(bson()); }
std::span<const std::uint8_t> Document::bytes() const { return {bson_get_data(bson()), bson()->len}; }

std::optional<Field> Document::find(std::string_view path) const {
  bson_iter_t iter;
  bson_iter_t found;
  if (path.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string name(path);
  if (bson_iter_init_find(&iter, bson(), name.c_str())) return Field(iter);
  if (path.find('.') != std::string_view::npos && bson_iter_init(&iter, bson()) &&
      bson_iter_find_descendant(&iter, name.c_str(), &found))
    return Field(found);
  return std::nullopt;
}

std::optional<Field> Document::first() const {
  bson_iter_t iter;
  if (!bson_iter_init(&iter, bson()) || !bson_iter_next(&iter)) return std::nullopt;
  return Field(iter);
}

std::vector<Field> Document::fields() const {
  std::vector<Field> result;
  bson_iter_t iter;
  if (!bson_iter_init(&iter, bson())) return result;
  while (bson_iter_next(&iter)) result.emplace_back(iter);
  return result;
}

std::optional<std::string> Document::string(std::string_view path) const {
  auto field = find(path);
  return field ? field->string() : std::nullopt;
}
std::optional<std::int64_t> Document::integer(std::string_view path) const {
  auto field = find(path);
  return field ? field->integer() : std::nullopt;
}
std::optional<bool> Document::boolean(std::string_view path) const {
  auto field = find(path);
  return field ? field->boolean() : std::nullopt;
}
std::optional<Date> Document::date(std::string_view path) const {
  auto field = find(path);
  return field ? field->date() : std::nullopt;
}
std::optional<Document> Document::document(std::string_view path) const {
  auto field = find(path);
  return field ? field->document() : std::nullopt;
}

std::vector<std::string> Document::strings(std::string_view path) const {
  std::vector<std::string> result;
  if (auto items = document(path))
    for (const Field& item : items->fields())
      if (auto text = item.string()) result.push_back(*std::move(text));
  return result;
}

std::vector<Document> Document::documents(std::string_view path) const {
  std::vector<Document> result;
  if (auto items = document(path))
    for (const Field& item : items->fields())
      if (auto value = item.document()) result.push_back(*std::move(value));
  return result;
}

bool operator==(const Document& a, const Document& b) { return std::ranges::equal(a.bytes(), b.bytes()); }

}  // namespace treering
