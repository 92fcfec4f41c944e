// SPDX-License-Identifier: Apache-2.0
#include "treering/python/encode_bson.h"

#include <charconv>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "treering/python/bson_types.h"

namespace nb = nanobind;

namespace treering::python {
namespace {

// Deeper ones are left to pymongo: it stops where Python's own recursion limit is.
constexpr int kDeepest = 150;
constexpr std::size_t kLargest = std::numeric_limits<std::int32_t>::max();

enum class Place { whole, embedded };

// Appends to one run of bytes. Its functions are false where the document is left to pymongo.
class Encoder {
 public:
  Encoder() : types_(BsonTypes::get()) { out_.reserve(kUsualSize); }

  bool mapping(PyObject* dict, Place place, int depth);
  std::string_view bytes() const { return out_; }

 private:
  static constexpr std::size_t kUsualSize = 512;

  template <class Number>
  void number(Number value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  template <class Number>
  void field(char type, std::string_view name, Number value) {
    head(type, name);
    number(value);
  }
  void head(char type, std::string_view name) {
    out_ += type;
    out_.append(name);
    out_ += '\0';
  }

  std::size_t begin();
  bool end(std::size_t start);
  bool named_value(PyObject* key, PyObject* value, Place place, int depth);
  bool value(std::string_view name, PyObject* value, int depth);
  bool integer(std::string_view name, PyObject* value);
  bool text(std::string_view name, PyObject* value);
  bool bytes(std::string_view name, PyObject* value, std::uint8_t subtype);
  bool list(std::string_view name, PyObject* list, int depth);
  bool date(std::string_view name, PyObject* value);
  bool object_of_bson(std::string_view name, nb::handle value);
  bool binary(std::string_view name, nb::handle value);

  const BsonTypes& types_;
  std::string out_;
};

std::size_t Encoder::begin() {
  number(std::int32_t{0});
  return out_.size() - sizeof(std::int32_t);
}

bool Encoder::end(std::size_t start) {
  out_ += '\0';
  const std::size_t size = out_.size() - start;
  if (out_.size() > kLargest) return false;
  const auto length = static_cast<std::int32_t>(size);
  std::memcpy(out_.data() + start, &length, sizeof length);
  return true;
}

bool Encoder::mapping(PyObject* dict, Place place, int depth) {
  if (depth > kDeepest) return false;
  const std::size_t start = begin();
  if (place == Place::whole) {
    static PyObject* const kId = PyUnicode_InternFromString("_id");
    PyObject* id = PyDict_GetItemWithError(dict, kId);
    if (id == nullptr && PyErr_Occurred()) throw nb::python_error();
    const nb::object kept = nb::borrow(id);
    if (id != nullptr && !value("_id", id, depth)) return false;
  }
  Py_ssize_t position = 0;
  PyObject* key = nullptr;
  PyObject* item = nullptr;
  while (PyDict_Next(dict, &position, &key, &item)) {
    // Reading a property of an object lets other threads run, which may change the dict.
    const nb::object kept_key = nb::borrow(key);
    const nb::object kept_item = nb::borrow(item);
    if (!named_value(key, item, place, depth)) return false;
  }
  return end(start);
}

bool Encoder::named_value(PyObject* key, PyObject* item, Place place, int depth) {
  if (!PyUnicode_CheckExact(key)) return false;
  nb::object encoded;
  std::string_view name;
  if (PyUnicode_IS_COMPACT_ASCII(key)) {
    name = {static_cast<const char*>(PyUnicode_DATA(key)), static_cast<std::size_t>(PyUnicode_GET_LENGTH(key))};
  } else {
    encoded = checked(PyUnicode_AsUTF8String(key));
    name = {PyBytes_AS_STRING(encoded.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(encoded.ptr()))};
  }
  if (name.find('\0') != std::string_view::npos) return false;
  if (place == Place::whole && name == "_id") return true;  // stands at the front
  return value(name, item, depth);
}

bool Encoder::value(std::string_view name, PyObject* value, int depth) {
  const PyTypeObject* type = Py_TYPE(value);
  if (type == &PyUnicode_Type) return text(name, value);
  if (type == &PyLong_Type) return integer(name, value);
  if (type == &PyFloat_Type) return field(0x01, name, PyFloat_AS_DOUBLE(value)), true;
  if (type == &PyBool_Type) return field(0x08, name, static_cast<char>(value == Py_True)), true;
  if (value == Py_None) return head(0x0A, name), true;
  if (type == &PyDict_Type) return head(0x03, name), mapping(value, Place::embedded, depth + 1);
  if (type == &PyList_Type || type == &PyTuple_Type) return list(name, value, depth + 1);
  if (type == &PyBytes_Type) return bytes(name, value, 0);
  if (is_plain_datetime(value)) return date(name, value);
  return object_of_bson(name, value);
}

bool Encoder::integer(std::string_view name, PyObject* value) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
  if (overflow != 0) return false;
  const auto small = static_cast<std::int32_t>(number);
  small == number ? field(0x10, name, small) : field(0x12, name, std::int64_t{number});
  return true;
}

bool Encoder::text(std::string_view name, PyObject* value) {
  nb::object encoded;
  const char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyUnicode_IS_COMPACT_ASCII(value)) {
    data = static_cast<const char*>(PyUnicode_DATA(value));
    size = PyUnicode_GET_LENGTH(value);
  } else {
    encoded = checked(PyUnicode_AsUTF8String(value));  // lone surrogates: UnicodeEncodeError
    data = PyBytes_AS_STRING(encoded.ptr());
    size = PyBytes_GET_SIZE(encoded.ptr());
  }
  if (static_cast<std::size_t>(size) >= kLargest) return false;
  field(0x02, name, static_cast<std::int32_t>(size + 1));
  out_.append(data, static_cast<std::size_t>(size) + 1);  // with its zero
  return true;
}

bool Encoder::bytes(std::string_view name, PyObject* value, std::uint8_t subtype) {
  const Py_ssize_t size = PyBytes_GET_SIZE(value);
  if (static_cast<std::size_t>(size) > kLargest) return false;
  field(0x05, name, static_cast<std::int32_t>(size));
  number(subtype);
  out_.append(PyBytes_AS_STRING(value), static_cast<std::size_t>(size));
  return true;
}

bool Encoder::list(std::string_view name, PyObject* list, int depth) {
  if (depth > kDeepest) return false;
  head(0x04, name);
  const std::size_t start = begin();
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list); ++i) {
    char digits[std::numeric_limits<Py_ssize_t>::digits10 + 2];
    const char* last = std::to_chars(std::begin(digits), std::end(digits), i).ptr;
    const nb::object item = nb::borrow(PySequence_Fast_GET_ITEM(list, i));
    if (!value({digits, static_cast<std::size_t>(last - digits)}, item.ptr(), depth)) return false;
  }
  return end(start);
}

bool Encoder::date(std::string_view name, PyObject* value) {
  const auto milliseconds = milliseconds_of(value);
  if (milliseconds) field(0x09, name, *milliseconds);
  return milliseconds.has_value();
}

bool Encoder::object_of_bson(std::string_view name, nb::handle value) {
  const nb::handle type = value.type();
  if (type.is(types_.object_id)) {
    const nb::object content = types_.bytes_of_object_id(value);
    if (!PyBytes_CheckExact(content.ptr()) || PyBytes_GET_SIZE(content.ptr()) != 12) return false;
    head(0x07, name);
    out_.append(PyBytes_AS_STRING(content.ptr()), 12);
    return true;
  }
  if (type.is(types_.int64)) {
    int overflow = 0;
    const std::int64_t number = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
    if (overflow == 0) field(0x12, name, number);
    return overflow == 0;
  }
  if (type.is(types_.decimal128)) {
    const nb::object content = value.attr("bid");
    head(0x13, name);
    out_.append(PyBytes_AS_STRING(content.ptr()), 16);
    return true;
  }
  if (type.is(types_.timestamp)) {
    field(0x11, name, nb::cast<std::uint32_t>(value.attr("inc")));
    number(nb::cast<std::uint32_t>(value.attr("time")));
    return true;
  }
  if (type.is(types_.binary)) return binary(name, value);
  if (type.is(types_.min_key)) return head('\xFF', name), true;
  if (type.is(types_.max_key)) return head('\x7F', name), true;
  return false;
}

bool Encoder::binary(std::string_view name, nb::handle value) {
  constexpr std::uint8_t kOld = 2;  // has its length a second time
  const auto subtype = nb::cast<std::uint8_t>(value.attr("subtype"));
  return subtype != kOld && bytes(name, value.ptr(), subtype);
}

// True where all of it was known.
bool encoded_here(Encoder& encoder, nb::handle mapping) {
  if (!PyDict_CheckExact(mapping.ptr())) return false;
  try {
    return encoder.mapping(mapping.ptr(), Place::whole, 0);
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_Exception)) throw;  // Ctrl-C, while a property was read
    return false;                                // pymongo says the same in its own words
  } catch (nb::cast_error&) {
    return false;
  }
}

nb::bytes encoded_by_pymongo(nb::handle mapping) { return nb::borrow<nb::bytes>(BsonTypes::get().encode(mapping)); }

// What an encoder wrote: looking at each field once more would cost as much as writing it.
Document encoded_document(const void* data, std::size_t size) {
  bson_t view;
  if (!bson_init_static(&view, static_cast<const std::uint8_t*>(data), size))
    return Document::from_bytes({static_cast<const std::uint8_t*>(data), size});  // says what is wrong
  return Document::from_bson(view);
}

}  // namespace

nb::bytes encode_bson(nb::handle mapping) {
  Encoder encoder;
  if (!encoded_here(encoder, mapping)) return encoded_by_pymongo(mapping);
  return nb::bytes(encoder.bytes().data(), encoder.bytes().size());
}

Document document_of(nb::handle value) {
  if (PyBytes_Check(value.ptr()))
    return Document::from_bytes({reinterpret_cast<const std::uint8_t*>(PyBytes_AS_STRING(value.ptr())),
                                 static_cast<std::size_t>(PyBytes_GET_SIZE(value.ptr()))});
  Encoder encoder;
  if (encoded_here(encoder, value)) return encoded_document(encoder.bytes().data(), encoder.bytes().size());
  const nb::bytes bytes = encoded_by_pymongo(value);
  return encoded_document(bytes.data(), bytes.size());
}

}  // namespace treering::python
