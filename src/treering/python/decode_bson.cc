// SPDX-License-Identifier: Apache-2.0
#include "treering/python/decode_bson.h"

#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "treering/python/bson_input.h"
#include "treering/python/bson_types.h"
#include "treering/python/key_cache.h"

namespace nb = nanobind;

namespace treering::python {
namespace {

// pymongo stops where Python's own recursion limit is: it decides about what lies deeper than servers let anything lie.
constexpr int kDeepest = 150;

nb::object leave_to_pymongo() { return {}; }

// Its functions give an empty object for what is left to pymongo.
class Decoder {
 public:
  explicit Decoder(KeyCache& keys) : types_(BsonTypes::get()), keys_(keys) {}

  nb::object fields(Bytes document, int depth);

 private:
  nb::object value(std::uint8_t type, Input& input, int depth);
  nb::object of_fixed_size(std::uint8_t type, Input& input) const;
  nb::object array(Input& input, int depth);
  nb::object embedded(Input& input, int depth);
  nb::object reference_or(nb::object document) const;
  nb::object binary(Input& input) const;
  nb::object regex(Input& input) const;
  nb::object timestamp(Input& input) const;
  nb::object code_with_scope(Input& input, int depth);
  nb::object string(Input& input) const;

  const BsonTypes& types_;
  KeyCache& keys_;
  bool dollar_ref_ = false;  // the document that was read last has a field $ref
};

nb::object text_of(std::string_view text) {
  return checked(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr));
}

nb::object bytes_of(Bytes bytes) {
  return checked(
      PyBytes_FromStringAndSize(reinterpret_cast<const char*>(bytes.data()), static_cast<Py_ssize_t>(bytes.size())));
}

nb::object Decoder::fields(Bytes document, int depth) {
  auto input = inside(document);
  if (!input || depth > kDeepest) return leave_to_pymongo();
  nb::object result = checked(PyDict_New());
  bool dollar_ref = false;
  while (!input->empty()) {
    const std::uint8_t type = *input->take(1);
    const Key key = keys_.read(input->left());
    if (!key.string.is_valid()) return leave_to_pymongo();
    input->take(key.name.size() + 1);
    const nb::object item = value(type, *input, depth);
    if (!item.is_valid()) return leave_to_pymongo();
    if (PyDict_SetItem(result.ptr(), key.string.ptr(), item.ptr()) != 0) throw nb::python_error();
    dollar_ref |= key.name == "$ref";
  }
  dollar_ref_ = dollar_ref;
  return result;
}

nb::object Decoder::value(std::uint8_t type, Input& input, int depth) {
  switch (type) {
    case 0x02:  // string
    case 0x0E:  // symbol
      return string(input);
    case 0x03:
      return embedded(input, depth);
    case 0x04:
      return array(input, depth);
    case 0x05:
      return binary(input);
    case 0x0B:
      return regex(input);
    case 0x0D:
      if (nb::object source = string(input); source.is_valid()) return types_.code(source);
      return leave_to_pymongo();
    case 0x0F:
      return code_with_scope(input, depth);
    default:
      return of_fixed_size(type, input);
  }
}

nb::object Decoder::of_fixed_size(std::uint8_t type, Input& input) const {
  switch (type) {
    case 0x01:
      if (auto number = input.number<double>()) return checked(PyFloat_FromDouble(*number));
      break;
    case 0x06:  // undefined
    case 0x0A:  // null
      return nb::none();
    case 0x07:
      if (const std::uint8_t* bytes = input.take(12)) return types_.make_object_id(bytes);
      break;
    case 0x08:
      if (auto flag = input.number<std::uint8_t>(); flag && *flag <= 1) return nb::borrow(*flag ? Py_True : Py_False);
      break;
    case 0x09:
      if (auto milliseconds = input.number<std::int64_t>()) return datetime_of(*milliseconds);
      break;
    case 0x10:
      if (auto number = input.number<std::int32_t>()) return checked(PyLong_FromLong(*number));
      break;
    case 0x11:
      return timestamp(input);
    case 0x12:
      if (auto number = input.number<std::int64_t>()) return types_.make_int64(*number);
      break;
    case 0x13:
      if (const std::uint8_t* bytes = input.take(16)) return types_.decimal128_from_bid(bytes_of({bytes, 16}));
      break;
    case 0x7F:
      return types_.max_key();
    case 0xFF:
      return types_.min_key();
    default:  // DBPointer, and what no document has
      break;
  }
  return leave_to_pymongo();
}

nb::object Decoder::string(Input& input) const {
  const auto text = input.string();
  return text ? text_of(*text) : leave_to_pymongo();
}

nb::object Decoder::array(Input& input, int depth) {
  const auto content = input.document();
  auto items = content ? inside(*content) : std::nullopt;
  if (!items || depth >= kDeepest) return leave_to_pymongo();
  nb::object result = checked(PyList_New(0));
  while (!items->empty()) {
    const std::uint8_t type = *items->take(1);
    if (!items->zero_ended()) return leave_to_pymongo();  // the items' names are their numbers, and stand in order
    const nb::object item = value(type, *items, depth + 1);
    if (!item.is_valid()) return leave_to_pymongo();
    if (PyList_Append(result.ptr(), item.ptr()) != 0) throw nb::python_error();
  }
  return result;
}

nb::object Decoder::embedded(Input& input, int depth) {
  const auto content = input.document();
  if (!content) return leave_to_pymongo();
  nb::object document = fields(*content, depth + 1);
  return document.is_valid() && dollar_ref_ ? reference_or(std::move(document)) : document;
}

// {$ref, $id} and, where it is there, $db are a DBRef; what else the document holds goes with it.
nb::object Decoder::reference_or(nb::object document) const {
  auto fields = nb::borrow<nb::dict>(document);
  if (!fields.contains("$id")) return document;
  const nb::object collection = fields["$ref"];
  const bool names_database = fields.contains("$db");
  const nb::object database = names_database ? nb::object(fields["$db"]) : nb::none();
  if (!PyUnicode_Check(collection.ptr()) || !(database.is_none() || PyUnicode_Check(database.ptr()))) return document;
  const nb::object id = fields["$id"];
  for (const char* name : {"$ref", "$id", "$db"})
    if (fields.contains(name)) nb::del(fields[name]);
  return types_.db_ref(collection, id, database, fields);
}

nb::object Decoder::binary(Input& input) const {
  constexpr std::uint8_t kGeneric = 0;
  constexpr std::uint8_t kOld = 2;  // has its length a second time
  const auto size = input.number<std::int32_t>();
  const auto subtype = input.number<std::uint8_t>();
  const std::uint8_t* bytes = subtype && *size >= 0 ? input.take(static_cast<std::size_t>(*size)) : nullptr;
  if (bytes == nullptr) return leave_to_pymongo();
  Bytes content(bytes, static_cast<std::size_t>(*size));
  if (*subtype == kGeneric) return bytes_of(content);
  if (*subtype == kOld) {
    Input old(content);
    const auto inner = old.number<std::uint32_t>();
    if (!inner || *inner != content.size() - sizeof *inner) return leave_to_pymongo();
    content = content.subspan(sizeof *inner);
  }
  return types_.binary(bytes_of(content), nb::int_(*subtype));
}

nb::object Decoder::regex(Input& input) const {
  const auto pattern = input.zero_ended();
  const auto letters = pattern ? input.zero_ended() : std::nullopt;
  if (!letters) return leave_to_pymongo();
  constexpr std::string_view kLetters = "ilmsux";  // from re.IGNORECASE, 2, up to re.VERBOSE, 64
  int flags = 0;
  text_of(*letters);  // any letter goes, but UTF-8 it has to be
  for (char letter : *letters)
    if (const auto at = kLetters.find(letter); at != std::string_view::npos) flags |= 2 << at;
  return types_.regex(text_of(*pattern), nb::int_(flags));
}

nb::object Decoder::timestamp(Input& input) const {
  const auto increment = input.number<std::uint32_t>();
  const auto time = input.number<std::uint32_t>();
  return time ? types_.make_timestamp(*time, *increment) : leave_to_pymongo();
}

nb::object Decoder::code_with_scope(Input& input, int depth) {
  const auto size = input.number<std::int32_t>();
  if (!size || *size < 4) return leave_to_pymongo();
  const std::uint8_t* bytes = input.take(static_cast<std::size_t>(*size) - sizeof *size);
  if (bytes == nullptr) return leave_to_pymongo();
  Input parts(Bytes(bytes, static_cast<std::size_t>(*size) - sizeof *size));
  const nb::object source = string(parts);
  const auto content = parts.document();
  if (!source.is_valid() || !content || !parts.empty()) return leave_to_pymongo();
  const nb::object scope = fields(*content, depth + 1);
  return scope.is_valid() ? types_.code(source, scope) : leave_to_pymongo();
}

KeyCache& keys() {
  static KeyCache& cache = *new KeyCache;  // never freed: the interpreter may be gone when statics are
  return cache;
}

bool is_whole(Bytes document) {
  std::uint32_t size = 0;
  if (document.size() < kSmallestDocument) return false;
  std::memcpy(&size, document.data(), sizeof size);
  return size == document.size();
}

}  // namespace

nb::object decode_bson(Bytes document) {
  if (is_whole(document)) {
    try {
      nb::object decoded = Decoder(keys()).fields(document, 0);
      if (decoded.is_valid()) return decoded;
    } catch (nb::python_error& error) {
      if (!error.matches(PyExc_Exception)) throw;  // Ctrl-C, while a class of bson made an object
      // pymongo says the same in its own words.
    }
  }
  return BsonTypes::get().decode(bytes_of(document));
}

}  // namespace treering::python
