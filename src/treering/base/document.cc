// SPDX-License-Identifier: Apache-2.0
#include "treering/base/document.h"

#include <algorithm>

#include "treering/base/error.h"

namespace treering {
namespace {

int length(std::string_view text) { return static_cast<int>(text.size()); }

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
    case BSON_TYPE_DOUBLE:
    case BSON_TYPE_BOOL:
      return bson_iter_as_int64(&iter_);
    default:
      return std::nullopt;
  }
}

std::optional<double> Field::number() const {
  switch (type()) {
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64:
    case BSON_TYPE_DOUBLE:
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

Document::Document() : bson_(bson_new()) {}
Document::Document(const Document& other) : bson_(bson_copy(other.bson_)) {}
Document::Document(Document&& other) noexcept : bson_(std::exchange(other.bson_, bson_new())) {}
Document& Document::operator=(Document other) noexcept {
  std::swap(bson_, other.bson_);
  return *this;
}
Document::~Document() { bson_destroy(bson_); }

Document Document::from_bytes(std::span<const std::uint8_t> bytes) {
  bson_t view;
  std::size_t offset = 0;
  if (!bson_init_static(&view, bytes.data(), bytes.size()) || !bson_validate(&view, BSON_VALIDATE_NONE, &offset))
    throw Error(Kind::usage, "these " + std::to_string(bytes.size()) + " bytes are not a BSON document");
  return from_bson(view);
}

Document Document::from_bson(const bson_t& bson) {
  Document result;
  bson_destroy(result.bson_);
  result.bson_ = bson_copy(&bson);
  return result;
}

Document Document::from_json(std::string_view json) {
  bson_error_t error;
  bson_t* parsed =
      bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()), static_cast<ssize_t>(json.size()), &error);
  if (parsed == nullptr) throw Error(Kind::usage, std::string("not Extended JSON: ") + error.message);
  Document result;
  bson_destroy(result.bson_);
  result.bson_ = parsed;
  return result;
}

Document Document::array(const std::vector<std::string>& items) {
  return array_of(items.size(), [&](Document& to, const std::string& key, std::size_t i) { to.add(key, items[i]); });
}

Document Document::array(const std::vector<Document>& items) {
  return array_of(items.size(), [&](Document& to, const std::string& key, std::size_t i) { to.add(key, items[i]); });
}

Document& Document::add(std::string_view key, std::string_view value) {
  bson_append_utf8(bson_, key.data(), length(key), value.data(), length(value));
  return *this;
}
Document& Document::add(std::string_view key, bool value) {
  bson_append_bool(bson_, key.data(), length(key), value);
  return *this;
}
Document& Document::add(std::string_view key, std::int32_t value) {
  bson_append_int32(bson_, key.data(), length(key), value);
  return *this;
}
Document& Document::add(std::string_view key, std::int64_t value) {
  bson_append_int64(bson_, key.data(), length(key), value);
  return *this;
}
Document& Document::add(std::string_view key, double value) {
  bson_append_double(bson_, key.data(), length(key), value);
  return *this;
}
Document& Document::add(std::string_view key, Date value) {
  bson_append_date_time(bson_, key.data(), length(key), value.ms);
  return *this;
}
Document& Document::add(std::string_view key, const Document& value) {
  bson_append_document(bson_, key.data(), length(key), value.bson_);
  return *this;
}
Document& Document::add_array(std::string_view key, const Document& value) {
  bson_append_array(bson_, key.data(), length(key), value.bson_);
  return *this;
}
Document& Document::add_array(std::string_view key, const std::vector<std::string>& items) {
  return add_array(key, array(items));
}
Document& Document::add_array(std::string_view key, const std::vector<Document>& items) {
  return add_array(key, array(items));
}
Document& Document::add_null(std::string_view key) {
  bson_append_null(bson_, key.data(), length(key));
  return *this;
}
Document& Document::add_binary(std::string_view key, std::span<const std::uint8_t> bytes, bson_subtype_t subtype) {
  bson_append_binary(bson_, key.data(), length(key), subtype, bytes.data(), static_cast<std::uint32_t>(bytes.size()));
  return *this;
}
Document& Document::add(const Field& field) { return add(field.key(), field); }
Document& Document::add(std::string_view key, const Field& field) {
  bson_append_iter(bson_, key.data(), length(key), &field.iter());
  return *this;
}
Document& Document::add_all(const Document& other) {
  bson_concat(bson_, other.bson_);
  return *this;
}

bool Document::empty() const { return bson_empty(bson_); }
std::size_t Document::count() const { return bson_count_keys(bson_); }
std::span<const std::uint8_t> Document::bytes() const { return {bson_get_data(bson_), bson_->len}; }

std::string Document::json() const {
  std::size_t size = 0;
  char* text = bson_as_relaxed_extended_json(bson_, &size);
  if (text == nullptr) return "{}";
  std::string result(text, size);
  bson_free(text);
  return result;
}

std::optional<Field> Document::find(std::string_view path) const {
  bson_iter_t iter;
  bson_iter_t found;
  const std::string name(path);
  if (bson_iter_init_find(&iter, bson_, name.c_str())) return Field(iter);
  if (path.find('.') != std::string_view::npos && bson_iter_init(&iter, bson_) &&
      bson_iter_find_descendant(&iter, name.c_str(), &found))
    return Field(found);
  return std::nullopt;
}

std::vector<Field> Document::fields() const {
  std::vector<Field> result;
  bson_iter_t iter;
  if (!bson_iter_init(&iter, bson_)) return result;
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
