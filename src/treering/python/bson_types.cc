// SPDX-License-Identifier: Apache-2.0
#include "treering/python/bson_types.h"

#include <datetime.h>
#include <structmember.h>

#include <chrono>
#include <memory>

namespace nb = nanobind;

namespace treering::python {
namespace {

constexpr Py_ssize_t kObjectIdBytes = 12;
constexpr std::int64_t kMillisecondsOfDay = 86'400'000;

nb::object from_module(const char* module, const char* name) { return nb::module_::import_(module).attr(name); }

// The place of the slot that holds the bytes, asked from its descriptor; 0 where the class has no such slot.
Py_ssize_t slot_of(nb::handle type, const char* name) {
  nb::object found = nb::getattr(type, name, nb::none());
  if (Py_TYPE(found.ptr()) != &PyMemberDescr_Type) return 0;
  const PyMemberDef* member = reinterpret_cast<PyMemberDescrObject*>(found.ptr())->d_member;
  return member->type == T_OBJECT_EX ? member->offset : 0;
}

PyObject*& slot_at(nb::handle object, Py_ssize_t offset) {
  return *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object.ptr()) + offset);
}

// As object.__new__ does. Leaves out __init__, which would only look at what is a right value here.
nb::object allocated(nb::handle type) {
  auto* class_of_it = reinterpret_cast<PyTypeObject*>(type.ptr());
  return checked(class_of_it->tp_alloc(class_of_it, 0));
}

bool makes_as_int_does(nb::handle type) {
  const auto* class_of_ints = reinterpret_cast<PyTypeObject*>(type.ptr());
  return class_of_ints->tp_new == PyLong_Type.tp_new && class_of_ints->tp_init == PyLong_Type.tp_init;
}

BsonTypes* load() {
  PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw nb::python_error();
  auto types = std::make_unique<BsonTypes>();
  types->object_id = from_module("bson.objectid", "ObjectId");
  types->int64 = from_module("bson.int64", "Int64");
  types->decimal128 = from_module("bson.decimal128", "Decimal128");
  types->decimal128_from_bid = types->decimal128.attr("from_bid");
  types->timestamp = from_module("bson.timestamp", "Timestamp");
  types->binary = from_module("bson.binary", "Binary");
  types->regex = from_module("bson.regex", "Regex");
  types->code = from_module("bson.code", "Code");
  types->db_ref = from_module("bson.dbref", "DBRef");
  types->min_key = from_module("bson.min_key", "MinKey");
  types->max_key = from_module("bson.max_key", "MaxKey");
  types->utc = from_module("bson.tz_util", "utc");
  types->encode = from_module("bson", "encode");
  types->decode = from_module("bson", "decode");
  types->object_id_slot = slot_of(types->object_id, "_ObjectId__id");
  types->timestamp_time_slot = slot_of(types->timestamp, "_Timestamp__time");
  types->timestamp_increment_slot = slot_of(types->timestamp, "_Timestamp__inc");
  types->int64_is_plain_subclass = makes_as_int_does(types->int64);
  return types.release();
}

}  // namespace

const BsonTypes& BsonTypes::get() {
  static const BsonTypes* const kTypes = load();
  return *kTypes;
}

nb::object BsonTypes::make_object_id(const std::uint8_t* bytes) const {
  nb::object content = checked(PyBytes_FromStringAndSize(reinterpret_cast<const char*>(bytes), kObjectIdBytes));
  if (object_id_slot == 0) return checked(PyObject_CallOneArg(object_id.ptr(), content.ptr()));
  nb::object made = allocated(object_id);
  slot_at(made, object_id_slot) = content.release().ptr();
  return made;
}

nb::object BsonTypes::bytes_of_object_id(nb::handle value) const {
  if (object_id_slot != 0)
    if (PyObject* content = slot_at(value, object_id_slot); content != nullptr) return nb::borrow(content);
  return value.attr("binary");
}

nb::object BsonTypes::make_int64(std::int64_t value) const {
  nb::object plain = checked(PyLong_FromLongLong(value));
  if (!int64_is_plain_subclass) return checked(PyObject_CallOneArg(int64.ptr(), plain.ptr()));
  nb::object arguments = checked(PyTuple_Pack(1, plain.ptr()));
  return checked(PyLong_Type.tp_new(reinterpret_cast<PyTypeObject*>(int64.ptr()), arguments.ptr(), nullptr));
}

nb::object BsonTypes::make_timestamp(std::uint32_t time, std::uint32_t increment) const {
  nb::object seconds = checked(PyLong_FromUnsignedLong(time));
  nb::object number = checked(PyLong_FromUnsignedLong(increment));
  if (timestamp_time_slot == 0 || timestamp_increment_slot == 0) return timestamp(seconds, number);
  nb::object made = allocated(timestamp);
  slot_at(made, timestamp_time_slot) = seconds.release().ptr();
  slot_at(made, timestamp_increment_slot) = number.release().ptr();
  return made;
}

nb::object datetime_of(std::int64_t milliseconds) {
  using namespace std::chrono;
  constexpr std::int64_t kFirst = -62'135'596'800'000;  // 0001-01-01
  constexpr std::int64_t kLast = 253'402'300'799'999;   // 9999-12-31
  if (milliseconds < kFirst || milliseconds > kLast) return {};
  const std::int64_t day = (milliseconds - kFirst) / kMillisecondsOfDay + kFirst / kMillisecondsOfDay;
  const int rest = static_cast<int>(milliseconds - day * kMillisecondsOfDay);
  const year_month_day date{sys_days{days{day}}};
  return checked(PyDateTimeAPI->DateTime_FromDateAndTime(
      static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
      static_cast<int>(static_cast<unsigned>(date.day())), rest / 3'600'000, rest / 60'000 % 60, rest / 1000 % 60,
      rest % 1000 * 1000, Py_None, PyDateTimeAPI->DateTimeType));
}

bool is_plain_datetime(nb::handle value) { return PyDateTime_CheckExact(value.ptr()); }

std::optional<std::int64_t> milliseconds_of(nb::handle datetime) {
  using namespace std::chrono;
  PyObject* value = datetime.ptr();
  const auto* parts = reinterpret_cast<PyDateTime_DateTime*>(value);
  if (parts->hastzinfo && parts->tzinfo != PyDateTimeAPI->TimeZone_UTC && parts->tzinfo != BsonTypes::get().utc.ptr())
    return std::nullopt;
  const sys_days date = year{PyDateTime_GET_YEAR(value)} / PyDateTime_GET_MONTH(value) / PyDateTime_GET_DAY(value);
  const std::int64_t seconds = std::int64_t{PyDateTime_DATE_GET_HOUR(value)} * 3600 +
                               PyDateTime_DATE_GET_MINUTE(value) * 60 + PyDateTime_DATE_GET_SECOND(value);
  return date.time_since_epoch().count() * kMillisecondsOfDay + seconds * 1000 +
         PyDateTime_DATE_GET_MICROSECOND(value) / 1000;
}

}  // namespace treering::python
