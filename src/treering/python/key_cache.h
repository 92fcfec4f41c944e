// SPDX-License-Identifier: Apache-2.0
// The names of fields that were met lately, as Python strings: the documents of a collection have the same ones in the
// same order over and over, and a string that is at hand needs neither memory nor a new hash.
#pragma once

#include <nanobind/nanobind.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace treering::python {

struct Key {
  std::string_view name;    // in the bytes that were read
  nanobind::object string;  // empty where there was no name, or none in UTF-8; then no exception is set
};

// Holds a bounded number of short ASCII names. Wants the GIL.
class KeyCache {
 public:
  // The name at the front of the bytes, which a zero ends.
  Key read(std::span<const std::uint8_t> bytes);

 private:
  static constexpr std::size_t kLongest = 64;
  static constexpr std::size_t kPlaces = 1024;

  // A name has one place, and takes it from the name that was there.
  struct Place {
    nanobind::object string;
    std::string_view text;      // the string's, with the zero behind it
    Place* followed = nullptr;  // by this one, the last time
  };

  std::array<Place, kPlaces> places_;
  Place* last_ = &places_[0];
};

}  // namespace treering::python
