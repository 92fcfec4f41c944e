// SPDX-License-Identifier: Apache-2.0
#include "treering/python/key_cache.h"

#include <algorithm>
#include <cstring>

namespace nb = nanobind;

namespace treering::python {
namespace {

nb::object decoded(std::string_view text) {
  PyObject* made = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
  if (made == nullptr) PyErr_Clear();
  return nb::steal(made);
}

// FNV-1a.
std::size_t hash_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (char each : name) hash = (hash ^ static_cast<unsigned char>(each)) * 16777619U;
  return hash;
}

}  // namespace

Key KeyCache::read(std::span<const std::uint8_t> bytes) {
  const char* start = reinterpret_cast<const char*>(bytes.data());
  if (const Place* guess = last_->followed; guess != nullptr && guess->text.size() <= bytes.size() &&
                                            std::memcmp(start, guess->text.data(), guess->text.size()) == 0) {
    last_ = last_->followed;
    return {{start, guess->text.size() - 1}, guess->string};
  }
  const void* zero = bytes.empty() ? nullptr : std::memchr(start, 0, bytes.size());
  if (zero == nullptr) return {};
  const std::string_view name(start, static_cast<std::size_t>(static_cast<const char*>(zero) - start));
  if (name.size() > kLongest) return {name, decoded(name)};
  Place& place = places_[hash_of(name) % kPlaces];
  if (place.text.size() != name.size() + 1 || !place.text.starts_with(name)) {
    nb::object made = decoded(name);
    if (!made.is_valid() || !PyUnicode_IS_COMPACT_ASCII(made.ptr())) return {name, made};
    place.string = std::move(made);
    place.text = {static_cast<const char*>(PyUnicode_DATA(place.string.ptr())), name.size() + 1};
  }
  last_->followed = &place;
  last_ = &place;
  return {name, place.string};
}

}  // namespace treering::python
