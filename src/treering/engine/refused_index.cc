// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/refused_index.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace treering {
namespace {

constexpr std::int64_t kIndexOptionsConflict = 85;
constexpr std::int64_t kIndexKeySpecsConflict = 86;

bool is_of_a_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '$' || c == '-';
}

// Whether `name` stands in the text by itself: not "a_1" in "data_1".
bool names(std::string_view text, std::string_view name) {
  if (name.empty()) return false;
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_of_a_name(text[at - 1])) && (end == text.size() || !is_of_a_name(text[end]))) return true;
  }
  return false;
}

std::string name_of(const Document& index) { return index.string("name").value_or(""); }

// The one that was refused for the sake of another, which the text names: of the same key under another name.
std::vector<std::size_t> twins_of(const CreateIndexes& asked, std::string_view other) {
  const auto named = std::ranges::find_if(asked.indexes, [&](const Document& one) { return name_of(one) == other; });
  if (named == asked.indexes.end()) return {};
  std::vector<std::size_t> twins;
  for (std::size_t i = 0; i < asked.indexes.size(); ++i)
    if (name_of(asked.indexes[i]) != other && asked.indexes[i].document("key") == named->document("key"))
      twins.push_back(i);
  return twins;
}

}  // namespace

std::optional<std::size_t> refused_index(const CreateIndexes& asked, const Document& reply) {
  if (asked.indexes.size() == 1) return 0;
  const std::string said = reply.string("errmsg").value_or("");
  std::string_view text = said;
  text = text.substr(0, text.find("existing index:"));  // behind it stands one that is there already
  constexpr std::string_view kOtherName = "already exists with a different name: ";
  std::vector<std::size_t> found;
  if (const std::size_t at = text.find(kOtherName); at != std::string_view::npos) {
    found = twins_of(asked, text.substr(at + kOtherName.size()));
  } else {
    for (std::size_t i = 0; i < asked.indexes.size(); ++i)
      if (names(text, name_of(asked.indexes[i]))) found.push_back(i);
  }
  if (found.size() == 1) return found.front();
  // Two of one name: the first was taken, and the second is in conflict with it.
  const auto code = reply.integer("code");
  const bool is_conflict = code == kIndexOptionsConflict || code == kIndexKeySpecsConflict;
  const auto same_name = [&](std::size_t one) {
    return name_of(asked.indexes[one]) == name_of(asked.indexes[found.front()]);
  };
  if (is_conflict && !found.empty() && std::ranges::all_of(found, same_name)) return found.back();
  return std::nullopt;
}

}  // namespace treering
