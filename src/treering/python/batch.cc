// SPDX-License-Identifier: Apache-2.0
#include "treering/python/batch.h"

#include <nanobind/stl/string.h>

#include <utility>

#include "treering/base/error.h"
#include "treering/python/decode_bson.h"
#include "treering/python/encode_bson.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace treering::python {
namespace {

// Between two calls to a server most of what decoding needs has left the processor's caches, so it is done for some
// documents together; few enough that they don't fill these caches themselves.
constexpr std::size_t kDecodedAtOnce = 32;

}  // namespace

Batch::Batch(Document reply) : reply_(std::move(reply)) {
  auto batch = reply_.find("cursor.firstBatch");
  if (!batch) batch = reply_.find("cursor.nextBatch");
  if (!batch || !batch->is_array()) throw Error(Kind::server, "the server's reply holds no cursor");
  bson_iter_t parent = batch->iter();
  bson_iter_recurse(&parent, &documents_);
  for (bson_iter_t each = documents_; bson_iter_next(&each);) ++left_;
  cursor_id_ = reply_.integer("cursor.id").value_or(0);
  name_space_ = reply_.string("cursor.ns").value_or("");
}

std::span<const std::uint8_t> Batch::take_document() {
  std::uint32_t length = 0;
  const std::uint8_t* data = nullptr;
  bson_iter_next(&documents_);
  bson_iter_document(&documents_, &length, &data);
  --left_;
  return {data, length};
}

nb::object Batch::next() {
  if (decoded_.empty() && !failed_) decode_some();
  if (decoded_.empty()) {
    if (failed_) std::rethrow_exception(std::exchange(failed_, nullptr));
    return nb::none();
  }
  nb::object document = std::move(decoded_.front());
  decoded_.pop_front();
  return document;
}

// A class of bson that makes an object may let another thread in, so nothing is held here across a call of it.
void Batch::decode_some() {
  while (left_ > 0 && !failed_ && decoded_.size() < kDecodedAtOnce) {
    try {
      decoded_.push_back(decode_bson(take_document()));
    } catch (nb::python_error& error) {
      if (!error.matches(PyExc_Exception)) throw;  // Ctrl-C
      failed_ = std::current_exception();
    }
  }
  if (left_ == 0) reply_ = Document();
}

nb::bytes Batch::take_bytes() {
  std::string documents;
  while (left_ > 0) {
    const auto document = take_document();
    documents.append(reinterpret_cast<const char*>(document.data()), document.size());
  }
  reply_ = Document();
  return nb::bytes(documents.data(), documents.size());
}

void bind_batch(nb::module_& module) {
  module.def(
      "decode",
      [](const nb::bytes& data) { return decode_bson({static_cast<const std::uint8_t*>(data.data()), data.size()}); },
      "data"_a, "What bson.decode gives with its default codec options.");
  module.def("encode", &encode_bson, "document"_a.none(), "What bson.encode gives.");
  nb::class_<Batch>(module, "Batch", "The documents of a reply that holds a cursor, decoded as they are asked for.")
      .def(nb::init<>())
      .def(
          "__init__", [](Batch* self, const nb::bytes& reply) { new (self) Batch(document_of(reply)); }, "reply"_a)
      .def_prop_ro("cursor_id", &Batch::cursor_id)
      .def_prop_ro("namespace", &Batch::name_space)
      .def("__len__", &Batch::left)
      .def("next", &Batch::next)
      .def("take_bytes", &Batch::take_bytes);
}

}  // namespace treering::python
