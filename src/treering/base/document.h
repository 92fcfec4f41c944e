// SPDX-License-Identifier: Apache-2.0
// A BSON document as a C++ value, over libbson. Everything that crosses a layer as BSON is a `Document`.
#pragma once

#include <bson/bson.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace treering {

class Document;

// A date as BSON has it: milliseconds since 1970 UTC.
struct Date {
  std::int64_t ms = 0;
  friend bool operator==(const Date&, const Date&) = default;
};

// One field of a document, borrowed: valid as long as the document it came from is alive and unchanged.
class Field {
 public:
  explicit Field(const bson_iter_t& iter) : iter_(iter) {}

  std::string_view key() const { return bson_iter_key(&iter_); }
  bson_type_t type() const { return bson_iter_type(&iter_); }
  bool is_document() const { return type() == BSON_TYPE_DOCUMENT; }
  bool is_array() const { return type() == BSON_TYPE_ARRAY; }

  // Each gives nothing where the field is of another type. Numbers of any BSON kind (int32, int64, double) and booleans
  // count as numbers; a double that no 64-bit integer can hold is no integer.
  std::optional<std::string> string() const;
  std::optional<std::int64_t> integer() const;
  std::optional<double> number() const;
  std::optional<bool> boolean() const;  // numbers count, as in MongoDB: not zero is true
  std::optional<Date> date() const;
  std::optional<Document> document() const;  // of a document or an array; a copy

  const bson_iter_t& iter() const { return iter_; }

 private:
  bson_iter_t iter_;
};

// Owns one BSON document (or array, whose keys are "0", "1", ...). Copies are deep. Not synchronised: one thread at a
// time may change it.
class Document {
 public:
  Document() = default;
  Document(const Document& other);
  Document(Document&& other) noexcept;
  Document& operator=(Document other) noexcept;
  ~Document();

  // Copies. Throws Error(Kind::usage) where the bytes aren't one valid BSON document.
  static Document from_bytes(std::span<const std::uint8_t> bytes);
  static Document from_bson(const bson_t& bson);
  // Extended JSON, canonical or relaxed. Throws Error(Kind::usage) with libbson's words.
  static Document from_json(std::string_view json);
  static Document array(const std::vector<std::string>& items);
  static Document array(const std::vector<Document>& items);

  // Appends a field and returns *this. Keys may hold any UTF-8 but NUL. REQUIRES: key is not in the document yet.
  // Throws Error(Kind::usage) where BSON has no room for it.
  Document& add(std::string_view key, std::string_view value);
  Document& add(std::string_view key, const char* value) { return add(key, std::string_view(value)); }
  Document& add(std::string_view key, bool value);
  Document& add(std::string_view key, std::int32_t value);
  Document& add(std::string_view key, std::int64_t value);
  Document& add(std::string_view key, double value);
  Document& add(std::string_view key, Date value);
  Document& add(std::string_view key, const bson_oid_t& value);
  Document& add(std::string_view key, const Document& value);
  Document& add_array(std::string_view key, const Document& value);
  Document& add_array(std::string_view key, const std::vector<std::string>& items);
  Document& add_array(std::string_view key, const std::vector<Document>& items);
  Document& add_null(std::string_view key);
  Document& add_binary(std::string_view key, std::span<const std::uint8_t> bytes, bson_subtype_t subtype);
  Document& add(const Field& field);                        // with its key
  Document& add(std::string_view key, const Field& field);  // under another key
  Document& add_all(const Document& other);                 // each field of `other`, in its order

  bool empty() const;
  std::size_t count() const;  // of fields
  std::span<const std::uint8_t> bytes() const;
  const bson_t* bson() const;
  // Extended JSON, one line, that from_json reads: relaxed, but canonical where a date past the year 9999 is in it.
  std::string json() const;
  std::string canonical_json() const;  // Extended JSON with every number's type, one line

  // The field of that name; `path` may be dotted ("cursor.id"), a plain name is looked up as it is.
  std::optional<Field> find(std::string_view path) const;
  bool has(std::string_view path) const { return find(path).has_value(); }
  std::optional<Field> first() const;  // whose key is what a command is called
  std::vector<Field> fields() const;

  // The field's value where it is there and of that type, else nothing.
  std::optional<std::string> string(std::string_view path) const;
  std::optional<std::int64_t> integer(std::string_view path) const;
  std::optional<bool> boolean(std::string_view path) const;
  std::optional<Date> date(std::string_view path) const;
  std::optional<Document> document(std::string_view path) const;
  std::vector<std::string> strings(std::string_view path) const;  // the strings of an array; empty where there is none
  std::vector<Document> documents(std::string_view path) const;   // the documents of an array

  // Byte for byte.
  friend bool operator==(const Document& a, const Document& b);

 private:
  bson_t* writable();

  // Null while nothing was added: most documents that exist, as options left at their defaults, are empty, and libbson
  // gives each of its own 128 bytes.
  bson_t* bson_ = nullptr;
};

}  // namespace treering
