// SPDX-License-Identifier: Apache-2.0
// The classes of the `bson` package, looked up once, and the ways to make and read their objects that cost least.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <optional>
#include <span>

namespace treering::python {

// What a function of Python's C API made. Throws the exception that it set where it made nothing.
inline nanobind::object checked(PyObject* made) {
  if (made == nullptr) throw nanobind::python_error();
  return nanobind::steal(made);
}

// Never freed: the classes live as long as the interpreter. Everything here wants the GIL.
struct BsonTypes {
  nanobind::object object_id, int64, decimal128, decimal128_from_bid, timestamp, binary, regex, code, db_ref, min_key,
      max_key;
  nanobind::object utc;             // bson.tz_util.utc
  nanobind::object encode, decode;  // bson's own, for what isn't done here
  // Where ObjectId and Timestamp keep what they hold; 0: the class is not as we know it.
  Py_ssize_t object_id_slot = 0;
  Py_ssize_t timestamp_time_slot = 0;
  Py_ssize_t timestamp_increment_slot = 0;
  bool int64_is_plain_subclass = false;  // of int, with nothing of its own in making one

  // Imports bson the first time. Throws nanobind::python_error.
  static const BsonTypes& get();

  // An ObjectId from 12 bytes; a bson.Int64; a bson.Timestamp.
  nanobind::object make_object_id(const std::uint8_t* bytes) const;
  nanobind::object make_int64(std::int64_t value) const;
  nanobind::object make_timestamp(std::uint32_t time, std::uint32_t increment) const;

  // The 12 bytes of an object of exactly the class ObjectId, as a bytes object.
  nanobind::object bytes_of_object_id(nanobind::handle value) const;
};

// A naive datetime in UTC; empty where Python's years don't reach.
nanobind::object datetime_of(std::int64_t milliseconds);

// Milliseconds since 1970 of a datetime of exactly that class, naive or in UTC; nothing where it is in another zone.
std::optional<std::int64_t> milliseconds_of(nanobind::handle datetime);
bool is_plain_datetime(nanobind::handle value);

}  // namespace treering::python
