// SPDX-License-Identifier: Apache-2.0
// Single BSON values and dotted paths, as the server in memory needs them. Strict: what it has no meaning for is an
// error.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "treering/base/document.h"
#include "treering/base/reply.h"

namespace treering::fake {

// What the server in memory says about a command that it refuses.
inline ServerError refusal(int code, const std::string& code_name, const std::string& message) {
  return ServerError(Document().add("ok", 0.0).add("errmsg", message).add("code", code).add("codeName", code_name));
}
inline ServerError bad_value(const std::string& message) { return refusal(2, "BadValue", message); }

// One value of any type, or none ("missing"): a document of at most one field.
class Value {
 public:
  Value() = default;
  explicit Value(const Field& field) { holder_.add("v", field); }
  explicit Value(const std::optional<Field>& field) {
    if (field) holder_.add("v", *field);
  }
  template <typename T>
  static Value of(const T& item) {
    Value value;
    value.holder_.add("v", item);
    return value;
  }
  static Value null() {
    Value value;
    value.holder_.add_null("v");
    return value;
  }
  static Value missing() { return {}; }

  bool is_missing() const { return holder_.empty(); }
  bool is_null() const { return is_missing() || field().type() == BSON_TYPE_NULL; }
  Field field() const { return *holder_.find("v"); }  // REQUIRES: !is_missing()

 private:
  Document holder_;
};

// The server's order of types; numbers are one type.
inline int type_rank(const Value& value) {
  if (value.is_null()) return 1;
  switch (value.field().type()) {
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64:
    case BSON_TYPE_DOUBLE:
      return 2;
    case BSON_TYPE_UTF8:
      return 3;
    case BSON_TYPE_DOCUMENT:
      return 4;
    case BSON_TYPE_ARRAY:
      return 5;
    case BSON_TYPE_BINARY:
      return 6;
    case BSON_TYPE_OID:
      return 7;
    case BSON_TYPE_BOOL:
      return 8;
    case BSON_TYPE_DATE_TIME:
      return 9;
    default:
      throw bad_value("the server in memory doesn't compare values of this type");
  }
}

template <typename T>
int three_way(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

inline int compare(const Value& a, const Value& b) {
  if (int ranks = three_way(type_rank(a), type_rank(b)); ranks != 0 || a.is_null()) return ranks;
  const Field x = a.field();
  const Field y = b.field();
  switch (x.type()) {
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64:
    case BSON_TYPE_DOUBLE:
      if (x.type() == BSON_TYPE_DOUBLE || y.type() == BSON_TYPE_DOUBLE) return three_way(*x.number(), *y.number());
      return three_way(*x.integer(), *y.integer());
    case BSON_TYPE_BOOL:
      return three_way(*x.boolean(), *y.boolean());
    case BSON_TYPE_UTF8:
      return three_way(*x.string(), *y.string());
    case BSON_TYPE_DATE_TIME:
      return three_way(x.date()->ms, y.date()->ms);
    case BSON_TYPE_OID:
      return bson_oid_compare(bson_iter_oid(&x.iter()), bson_iter_oid(&y.iter()));
    case BSON_TYPE_DOCUMENT:
    case BSON_TYPE_ARRAY: {
      const Document p = *x.document();
      const Document q = *y.document();
      const auto bytes_p = p.bytes();
      const auto bytes_q = q.bytes();
      return std::ranges::lexicographical_compare(bytes_p, bytes_q) ? -1 : std::ranges::equal(bytes_p, bytes_q) ? 0 : 1;
    }
    default:
      throw bad_value("the server in memory doesn't compare values of this type");
  }
}

inline bool equal(const Value& a, const Value& b) { return compare(a, b) == 0; }

// A document with the field at a dotted path set, in its place or at the end; documents on the way are made.
inline Document with_path(const Document& document, std::string_view path, const Value& value) {
  const auto dot = path.find('.');
  const std::string_view name = path.substr(0, dot);
  auto put = [&](Document& result, const std::optional<Document>& inner) {
    if (dot == std::string_view::npos) {
      result.add(name, value.field());
    } else {
      result.add(name, with_path(inner.value_or(Document()), path.substr(dot + 1), value));
    }
  };
  Document result;
  bool found = false;
  for (const Field& field : document.fields()) {
    if (field.key() != name) {
      result.add(field);
      continue;
    }
    found = true;
    if (dot != std::string_view::npos && !field.is_document())
      throw bad_value("no field can be made inside of " + std::string(name));
    put(result, dot == std::string_view::npos ? std::nullopt : field.document());
  }
  if (!found) put(result, std::nullopt);
  return result;
}

inline Document without_path(const Document& document, std::string_view path) {
  const auto dot = path.find('.');
  const std::string_view name = path.substr(0, dot);
  Document result;
  for (const Field& field : document.fields()) {
    if (field.key() != name) {
      result.add(field);
    } else if (dot != std::string_view::npos) {
      if (field.is_document()) {
        result.add(name, without_path(*field.document(), path.substr(dot + 1)));
      } else {
        result.add(field);
      }
    }
  }
  return result;
}

// Refuses a command or statement with a field that isn't in the list: what isn't understood is never ignored.
inline void require_known(const Document& document, const std::vector<std::string_view>& known,
                          const std::string& where) {
  for (const Field& field : document.fields())
    if (std::ranges::find(known, field.key()) == known.end())
      throw refusal(40415, "Location40415",
                    "BSON field '" + where + "." + std::string(field.key()) + "' is an unknown field.");
}

inline bool is_operator_document(const Field& field) {
  if (!field.is_document()) return false;
  const Document document = *field.document();
  return !document.empty() && document.fields().front().key().starts_with("$");
}

}  // namespace treering::fake
