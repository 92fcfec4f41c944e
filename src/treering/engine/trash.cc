// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/trash.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "treering/base/error.h"
#include "treering/engine/applied_digest.h"
#include "treering/engine/cursor.h"

namespace treering {
namespace {

constexpr std::size_t kLongestNamespace = 255;
constexpr std::string_view kNoRevision = "-";  // no revision can be called that

// Dots part the fields of a name, and a revision's id may hold some.
std::string escaped(std::string_view id) {
  std::string result;
  for (const char c : id) {
    if (c == '.') {
      result += "%2E";
    } else if (c == '%') {
      result += "%25";
    } else {
      result += c;
    }
  }
  return result;
}

std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view here = text.substr(i, 3);
    if (here == "%2E" || here == "%25") {
      result += here == "%2E" ? '.' : '%';
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

constexpr std::size_t kKept = 80;  // bytes of a name that is too long
constexpr std::size_t kChecksumDigits = 32;

// The start of a long name, and what tells it from others that start so.
std::string shortened(const std::string& name) {
  std::size_t end = std::min(kKept, name.size());
  while (end > 0 && end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U)
    --end;  // a character
  const std::string checksum = checksum_of(name);
  return name.substr(0, end) + "~" + checksum.substr(checksum.rfind(':') + 1);
}

constexpr std::string_view kLetters = "udx";  // upgrade, downgrade, an undone attempt at either

char letter_of(const Trashed& what) {
  if (what.undone) return 'x';
  return what.direction == Direction::upgrade ? 'u' : 'd';
}

// Takes the text up to the next dot off the front.
std::optional<std::string_view> take_field(std::string_view& text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view field = text.substr(0, dot);
  text.remove_prefix(dot + 1);
  return field;
}

}  // namespace

bool is_of(const Trashed& trashed, const std::string& collection) {
  return trashed.collection == collection || trashed.collection == shortened(collection);
}

bool can_be_kept(std::string_view type, std::string_view name) {
  return type == "collection" && !name.starts_with("system.") && !name.starts_with(kTrashPrefix);
}

std::optional<std::string> whole_name(const Trashed& trashed) {
  const std::string& name = trashed.collection;
  constexpr std::size_t kLongestCharacter = 4;
  const auto mark = name.rfind('~');
  const bool is_shortened = mark != std::string::npos && name.size() - mark - 1 == kChecksumDigits && mark <= kKept &&
                            mark + kLongestCharacter > kKept;
  return is_shortened ? std::nullopt : std::optional(name);
}

std::string trash_name(const std::string& database, const Trashed& what, std::int64_t number) {
  const std::string before = fmt::format("{}{}-{}.{}.{}.", kTrashPrefix, what.dropped_ms, number, letter_of(what),
                                         what.revision.empty() ? std::string(kNoRevision) : escaped(what.revision));
  std::string name = before + what.collection;
  if (database.size() + 1 + name.size() > kLongestNamespace) name = before + shortened(what.collection);
  if (database.size() + 1 + name.size() > kLongestNamespace)
    throw Error(Kind::usage,
                fmt::format("the name of {} is too long for the trash: with the note of where it came from it has {} "
                            "bytes, and a server takes {}",
                            what.collection, database.size() + 1 + name.size(), kLongestNamespace),
                "rename it before, or drop it for good with env.drop_collection(name, trash=False)")
        .with("collection", what.collection);
  return name;
}

std::optional<Trashed> trashed_from(std::string_view name) {
  if (!name.starts_with(kTrashPrefix)) return std::nullopt;
  std::string_view rest = name.substr(kTrashPrefix.size());
  const auto when = take_field(rest);
  const auto direction = take_field(rest);
  const auto revision = take_field(rest);
  if (!when || !direction || !revision || rest.empty()) return std::nullopt;
  if (direction->size() != 1 || kLetters.find(direction->front()) == std::string_view::npos) return std::nullopt;
  Trashed result;
  const auto [end, bad] = std::from_chars(when->data(), when->data() + when->size(), result.dropped_ms);
  if (bad != std::errc() || end == when->data() + when->size() || *end != '-') return std::nullopt;
  result.name = name;
  result.collection = rest;
  result.direction = direction == "d" ? Direction::downgrade : Direction::upgrade;
  result.undone = direction == "x";
  if (revision != kNoRevision) result.revision = unescaped(*revision);
  return result;
}

std::string describe_change(const Operation& operation, const std::string& own) {
  std::string text = describe(operation);
  if (const auto* rename = std::get_if<RenameCollection>(&operation.body)) {
    if (rename->to.starts_with(kTrashPrefix)) text = describe({operation.database, DropCollection{rename->collection}});
    if (rename->collection.starts_with(kTrashPrefix)) text = "restore collection " + rename->to + " from the trash";
  }
  return operation.database == own ? text : text + " in " + operation.database;
}

std::vector<Trashed> list_trash(Connection& connection, const std::string& database) {
  Document command;
  command.add("listCollections", 1).add("nameOnly", true).add("authorizedCollections", true);
  std::vector<Trashed> found;
  for (const Document& listed : read_cursor(connection, database, command))
    if (auto trashed = trashed_from(listed.string("name").value_or(""))) found.push_back(*std::move(trashed));
  std::ranges::sort(found, [](const Trashed& a, const Trashed& b) {
    return a.dropped_ms != b.dropped_ms ? a.dropped_ms > b.dropped_ms : a.name < b.name;
  });
  return found;
}

}  // namespace treering
