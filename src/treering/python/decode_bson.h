// SPDX-License-Identifier: Apache-2.0
// BSON as Python objects: what pymongo's bson.decode(data) gives with its default codec options, at half its cost.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <span>

namespace treering::python {

// A document as a dict: the same values, of the same types, in the same order. What this doesn't know, or finds wrong,
// it leaves to bson.decode, so that the answer is always pymongo's own. Throws nanobind::python_error with pymongo's
// exception (bson.errors.InvalidBSON). Wants the GIL.
nanobind::object decode_bson(std::span<const std::uint8_t> document);

}  // namespace treering::python
