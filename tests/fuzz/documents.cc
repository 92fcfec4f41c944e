// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <span>
#include <string>

#include "fuzz/targets.h"
#include "treering/base/document.h"
#include "treering/base/utf8.h"
#include "treering/schema/mongosh.h"
#include "treering/schema/render.h"

namespace treering::fuzz {
namespace {

void require_copy_is_same(const Document& document) {
  Document copy;
  copy.add_all(document);
  require(copy == document, "a document of the fields of another is the same");
}

bool has_control(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return true;
  return false;
}

// Whatever a document holds, what is written of it is text without anything that acts.
void require_renders(const Document& document) {
  require(document.json().find('\n') == std::string::npos, "JSON stands on one line");
  Imports imports;
  std::string python;
  if (!is_refused(Kind::usage, [&] { python = python_document(document, imports); }))
    require(is_utf8(python) && !has_control(python), "rendered Python is UTF-8 without control characters");
  std::string mongosh;
  if (!is_refused(Kind::usage, [&] { mongosh = mongosh_document(document); }))
    require(is_utf8(mongosh) && !has_control(mongosh), "rendered JavaScript is UTF-8 without control characters");
}

void look_at_all(const Document& document) {
  for (const Field& field : document.fields()) {
    (void)field.string(), (void)field.integer(), (void)field.number(), (void)field.boolean(), (void)field.date();
    if (const auto inside = field.document()) look_at_all(*inside);
  }
}

}  // namespace

void json(std::string_view input) {
  Document document;
  if (is_refused(Kind::usage, [&] { document = Document::from_json(input); })) return;
  require_copy_is_same(document);
  look_at_all(document);
  require_renders(document);
  require(!is_refused(Kind::usage, [&] { Document::from_json(document.json()); }), "what is written as JSON is read");
  const std::string canonical = document.canonical_json();
  require(Document::from_json(canonical).canonical_json() == canonical, "canonical JSON is read as it is written");
}

void bson(std::string_view input) {
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  Document document;
  if (is_refused(Kind::usage, [&] { document = Document::from_bytes(bytes); })) return;
  require(std::ranges::equal(document.bytes(), bytes), "a document has the bytes that it was made from");
  look_at_all(document);
  require_renders(document);
  // libbson puts some values right that don't keep to the letter (code without its closing zero); what it wrote itself
  // stays as it is.
  Document copy;
  if (is_refused(Kind::usage, [&] { copy.add_all(document); })) return;
  require_copy_is_same(copy);
}

}  // namespace treering::fuzz
