// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/state_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <string_view>

#include "treering/base/error.h"
#include "treering/engine/backfill_store.h"
#include "treering/engine/state.h"

namespace treering {
namespace {

enum class Shape {
  text,
  filled_text,
  direction,
  count,
  one_or_more,
  number,
  flag,
  date,
  texts,
  digest,
  document,
  bson
};
enum class Presence { required, optional };

struct Rule {
  std::string_view name;
  Shape shape;
  Presence presence = Presence::required;
};
using Rules = std::initializer_list<Rule>;

// What a document is of, for messages.
struct Place {
  std::string_view collection;
  std::string id;            // of the document, as JSON
  std::string_view in = {};  // the field that holds the document: "lease."
};

std::string_view words_for(Shape shape) {
  switch (shape) {
    case Shape::text:
      return "text";
    case Shape::filled_text:
      return "text that isn't empty";
    case Shape::direction:
      return "\"upgrade\", \"downgrade\" or \"stamp\"";
    case Shape::count:
      return "a whole number that isn't negative";
    case Shape::one_or_more:
      return "a whole number above nothing";
    case Shape::number:
      return "a whole number";
    case Shape::flag:
      return "true or false";
    case Shape::date:
      return "a date";
    case Shape::texts:
      return "a list of texts";
    case Shape::digest:
      return "32 hex digits";
    case Shape::document:
      return "a document";
    case Shape::bson:
      return "a document as bytes of BSON";
  }
  return {};
}

// Beyond that, adding one might leave the whole numbers; nothing that we count gets anywhere near.
constexpr std::int64_t kLargest = std::int64_t{1} << 62;

bool is_number(const Field& value) {
  if (value.type() == BSON_TYPE_BOOL) return false;
  const auto number = value.integer();
  if (!number || *number > kLargest || *number < -kLargest) return false;
  return value.type() != BSON_TYPE_DOUBLE || std::trunc(*value.number()) == *value.number();
}

bool is_text(const Field& value) { return value.type() == BSON_TYPE_UTF8; }

bool is_texts(const Field& value) {
  if (!value.is_array()) return false;
  const Document items = *value.document();
  const auto fields = items.fields();
  return std::ranges::all_of(fields, is_text);
}

bool is_direction(const Field& value) {
  const auto text = value.string();
  return text == "upgrade" || text == "downgrade" || text == "stamp";
}

bool is_digest(const Field& value) {
  constexpr std::size_t kDigits = 32;
  const auto text = value.string();
  return text && text->size() == kDigits && text->find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_bson(const Field& value) {
  if (value.type() != BSON_TYPE_BINARY) return false;
  bson_subtype_t subtype{};
  std::uint32_t size = 0;
  const std::uint8_t* data = nullptr;
  bson_iter_binary(&value.iter(), &subtype, &size, &data);
  try {
    Document::from_bytes({data, size});
  } catch (const Error&) {
    return false;
  }
  return true;
}

bool has_shape(const Field& value, Shape shape) {
  switch (shape) {
    case Shape::text:
      return is_text(value);
    case Shape::filled_text:
      return is_text(value) && !value.string()->empty();
    case Shape::direction:
      return is_direction(value);
    case Shape::count:
      return is_number(value) && *value.integer() >= 0;
    case Shape::one_or_more:
      return is_number(value) && *value.integer() > 0;
    case Shape::number:
      return is_number(value);
    case Shape::flag:
      return value.type() == BSON_TYPE_BOOL;
    case Shape::date:
      return value.type() == BSON_TYPE_DATE_TIME;
    case Shape::texts:
      return is_texts(value);
    case Shape::digest:
      return is_digest(value);
    case Shape::document:
      return value.is_document();
    case Shape::bson:
      return is_bson(value);
  }
  return false;
}

std::string id_of(const Document& document) {
  const auto id = document.find("_id");
  if (!id) return "without _id";
  if (const auto text = id->string()) return fmt::format("\"{}\"", *text);
  constexpr std::size_t kLongest = 100;
  return Document().add(*id).json().substr(0, kLongest);
}

std::string how_to_mend(std::string_view collection) {
  if (collection == kForeignCollection) return "mend that document: it has to say which version was applied";
  if (collection == kBackfillsCollection)
    return "nothing more is changed by it; without its documents there, the backfill begins anew with its revision";
  return fmt::format("look at that document; a copy of {} and {} is what a repair needs", kStateCollection,
                     kRevisionsCollection);
}

Error refused(const Place& place, std::string_view name, const std::string& what) {
  const std::string field = fmt::format("{}{}", place.in, name);
  return Error(Kind::server, fmt::format("{}: \"{}\" of the document {} {}", place.collection, field, place.id, what),
               how_to_mend(place.collection))
      .with("collection", std::string(place.collection))
      .with("field", field);
}

void require(const Document& document, const Place& place, Rules rules) {
  for (const Rule& rule : rules) {
    const auto value = document.find(rule.name);
    const bool is_there = value && value->type() != BSON_TYPE_NULL;
    if (!is_there && rule.presence == Presence::optional) continue;
    if (!value) throw refused(place, rule.name, fmt::format("is missing; it is {}", words_for(rule.shape)));
    if (!has_shape(*value, rule.shape))
      throw refused(place, rule.name, fmt::format("is not {}", words_for(rule.shape)));
  }
}

void require_holder(const Document& document, const Place& place) {
  require(document, place,
          {{"host", Shape::text, Presence::optional},
           {"pid", Shape::number, Presence::optional},
           {"user", Shape::text, Presence::optional},
           {"run", Shape::text, Presence::optional}});
}

void require_lease(const Document& document, const Place& place) {
  if (!document.has("lease")) return;  // as good as free: whoever takes it writes it whole
  require(document, place, {{"lease", Shape::document}});
  const Document lease = *document.document("lease");
  const Place inside{place.collection, place.id, "lease."};
  require(lease, inside,
          {{"expires", Shape::date},
           {"since", Shape::date, Presence::optional},
           {"renewed", Shape::date, Presence::optional},
           {"doing", Shape::text, Presence::optional}});
  require_holder(lease, inside);
}

void require_attempt(const Document& document, const Place& place) {
  if (!document.has("attempt")) return;
  require(document, place, {{"attempt", Shape::document}});
  const Document attempt = *document.document("attempt");
  const Place inside{place.collection, place.id, "attempt."};
  require(attempt, inside,
          {{"revision", Shape::text}, {"direction", Shape::direction}, {"started", Shape::date}, {"run", Shape::text}});
  require_holder(attempt, inside);
}

}  // namespace

void require_state_fields(const Document& document) {
  const Place place{kStateCollection, id_of(document)};
  require(document, place, {{"format", Shape::count}, {"epoch", Shape::count}});
  require_lease(document, place);
  require_attempt(document, place);
  // The three are written together, and not before the first run.
  const bool says_something = document.has("heads") || document.has("count") || document.has("digest");
  if (!says_something) return;
  require(document, place, {{"heads", Shape::texts}, {"count", Shape::count}, {"digest", Shape::digest}});
  if (document.strings("heads").empty() != (*document.integer("count") == 0))
    throw refused(place, "count", "contradicts \"heads\": there are heads where something is applied, and only there");
}

void require_record_fields(const Document& document) {
  const Place place{kRevisionsCollection, id_of(document)};
  require(document, place,
          {{"_id", Shape::filled_text},
           {"parents", Shape::texts},
           {"depends_on", Shape::texts, Presence::optional},
           {"labels", Shape::texts, Presence::optional},
           {"message", Shape::text, Presence::optional},
           {"doc", Shape::text, Presence::optional},
           {"path", Shape::text, Presence::optional},
           {"started", Shape::date, Presence::optional},
           {"applied_at", Shape::date, Presence::optional},
           {"duration_us", Shape::number, Presence::optional},
           {"how", Shape::text, Presence::optional},
           {"checksum", Shape::text, Presence::optional},
           {"source", Shape::text, Presence::optional}});
  require_holder(document, place);
}

void require_journal_fields(const Document& document) {
  const Place place{kJournalCollection, id_of(document)};
  require(document, place,
          {{"revision", Shape::text},
           {"direction", Shape::direction},
           {"outcome", Shape::text},
           {"started", Shape::date},
           {"duration_us", Shape::number, Presence::optional},
           {"error", Shape::text, Presence::optional}});
  require_holder(document, place);
}

void require_foreign_fields(const Document& document) {
  const Place place{kForeignCollection, id_of(document)};
  require(document, place, {{"version_num", Shape::text}, {"applied_at", Shape::date, Presence::optional}});
}

void require_backfill_fields(const Document& document) {
  const Place place{kBackfillsCollection, id_of(document)};
  require(document, place,
          {{"_id", Shape::filled_text},
           {"collection", Shape::filled_text},
           {"uuid", Shape::text, Presence::optional},
           {"key", Shape::filled_text},
           {"batch", Shape::one_or_more},
           {"filter", Shape::bson},
           {"change", Shape::bson},
           {"n", Shape::count},
           {"next", Shape::document, Presence::optional},
           {"ended", Shape::flag},
           {"total", Shape::count, Presence::optional},
           {"found", Shape::count, Presence::optional},
           {"changed", Shape::count, Presence::optional}});
}

void require_range_fields(const Document& document) {
  const Place place{kBackfillsCollection, id_of(document)};
  require(document, place,
          {{"from", Shape::document},
           {"to", Shape::document},
           {"with_from", Shape::flag, Presence::optional},
           {"session", Shape::document, Presence::optional}});
  for (const char* bound : {"from", "to"})
    if (!document.document(bound)->has(""))
      throw refused(place, bound, "holds no value; it is {\"\": the value of the key}");
}

}  // namespace treering
