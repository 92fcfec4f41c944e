// SPDX-License-Identifier: Apache-2.0
#include "treering/python/message_size.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "treering/python/errors.h"

namespace nb = nanobind;

namespace treering::python {
namespace {

// What a command may have beside a document of the largest size. Source: pymongo.message, _COMMAND_OVERHEAD.
constexpr std::size_t kCommandOverhead = 16382;

std::string verb_of(const Write& write) {
  switch (write.verb) {
    case Write::Verb::insert:
      return "insert";
    case Write::Verb::update:
      return "update";
    case Write::Verb::remove:
      break;
  }
  return "delete";
}

[[noreturn]] void raise(const std::string& command, std::size_t bytes, std::size_t most) {
  raise_exception(nb::module_::import_("treering.replies").attr("too_large")(command, bytes, most));
}

}  // namespace

SizeLimits size_limits(const Document& hello) {
  const auto said = [&](const char* name, std::int64_t otherwise) {
    return static_cast<std::size_t>(std::max<std::int64_t>(hello.integer(name).value_or(0), otherwise));
  };
  return {said("maxBsonObjectSize", 16777216), said("maxMessageSizeBytes", 48000000)};
}

void require_sendable(const Document& command, const SizeLimits& limits) {
  const std::size_t bytes = command.bytes().size();
  if (bytes <= kSurelyTaken) return;
  const auto first = command.first();
  const std::string name = first ? std::string(first->key()) : "";
  const std::size_t most = limits.document_bytes + (name == "find" ? 0 : kCommandOverhead);
  if (bytes > most) raise(name, bytes, most);
}

void raise_too_large(const Write& write, const Document& statement, const SizeLimits& limits) {
  raise(verb_of(write), statement.bytes().size(), limits.document_bytes);
}

std::size_t sendable_statements(const Write& write, const SizeLimits& limits) {
  const auto found = std::ranges::find_if(
      write.statements, [&](const Document& one) { return one.bytes().size() >= limits.message_bytes; });
  return static_cast<std::size_t>(found - write.statements.begin());
}

}  // namespace treering::python
