// SPDX-License-Identifier: Apache-2.0
// treering._native.Batch: the documents of one reply to a command that gives a cursor, decoded some at a time as they
// are asked for.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <deque>
#include <exception>
#include <span>
#include <string>

#include "treering/base/document.h"

namespace treering::python {

// Owns the reply. One at a time: the GIL is its lock.
class Batch {
 public:
  Batch() = default;
  // Throws Error(Kind::server) where the reply holds no cursor.
  explicit Batch(Document reply);
  Batch(Batch&&) = default;
  Batch& operator=(Batch&&) = default;

  std::int64_t cursor_id() const { return cursor_id_; }  // 0: nothing more to come
  const std::string& name_space() const { return name_space_; }
  std::size_t left() const { return decoded_.size() + (failed_ ? 1 : 0) + left_; }

  // The next document as a dict, None where there are no more. One that can't be decoded raises
  // bson.errors.InvalidBSON, and counts as taken. Once the last one is taken the reply is freed.
  nanobind::object next();
  // All documents, behind one another, as bson.decode_all takes them: for other codec options than the default.
  // Afterwards none is left. REQUIRES: next wasn't called.
  nanobind::bytes take_bytes();

 private:
  std::span<const std::uint8_t> take_document();
  void decode_some();

  Document reply_;
  bson_iter_t documents_{};  // into reply_
  std::size_t left_ = 0;     // to decode
  std::deque<nanobind::object> decoded_;
  std::exception_ptr failed_;  // to decode what comes after these
  std::int64_t cursor_id_ = 0;
  std::string name_space_;
};

void bind_batch(nanobind::module_& module);

}  // namespace treering::python
