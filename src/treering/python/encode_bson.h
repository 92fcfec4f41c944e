// SPDX-License-Identifier: Apache-2.0
// Python mappings as BSON: the bytes of pymongo's bson.encode(mapping), at a part of its cost.
#pragma once

#include <nanobind/nanobind.h>

#include "treering/base/document.h"

namespace treering::python {

// Byte for byte what bson.encode gives, `_id` first. Only objects of exactly the classes that it knows are encoded
// here, and no code of theirs runs; with any other in it the whole document is left to bson.encode, so that result and
// exception are always pymongo's own. Throws nanobind::python_error. Wants the GIL.
nanobind::bytes encode_bson(nanobind::handle mapping);

// The same as a Document. Bytes are taken as the BSON that they are; throws Error(Kind::usage) where they are none.
Document document_of(nanobind::handle mapping_or_bytes);

}  // namespace treering::python
