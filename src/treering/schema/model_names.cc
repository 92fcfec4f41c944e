// SPDX-License-Identifier: Apache-2.0
// Names of collections: MongoDB manual, "Naming Restrictions".
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "treering/base/quote.h"
#include "treering/schema/model_options.h"

namespace treering {
namespace {

constexpr std::size_t kLongest = 255;  // bytes
// Treering's own, the one it takes over from, and what a server makes for itself while it works.
constexpr std::array<std::string_view, 4> kReserved{"system.", "treering_", "tmp.agg_out.", "_db_version"};

std::string_view reserved_by(std::string_view name) {
  const auto* found = std::ranges::find_if(kReserved, [&](std::string_view reserved) {
    const bool is_prefix = reserved.ends_with('.') || reserved.ends_with("treering_");
    return is_prefix ? name.starts_with(reserved) : name == reserved;
  });
  return found == kReserved.end() ? std::string_view() : *found;
}

std::string_view fault_of(std::string_view name) {
  if (name.find('\0') != std::string_view::npos) return "holds a NUL character";
  if (name.find('$') != std::string_view::npos) return "holds a \"$\"";
  if (name.starts_with('.')) return "starts with a dot";
  if (name.ends_with('.')) return "ends with a dot";
  if (name.find("..") != std::string_view::npos) return "holds two dots in a row";
  if (name.size() > kLongest) return "is longer than 255 bytes";
  return {};
}

}  // namespace

void require_collection_name(std::string_view name, const ModelPlace& place) {
  if (name.empty())
    throw model_error(place, "it has no collection name", "set __collection_name__ to the name of the collection");
  if (const auto fault = fault_of(name); !fault.empty())
    throw model_error(place, fmt::format("MongoDB has no collection named {}: it {}", json_quoted(name), fault),
                      "choose another __collection_name__");
  if (const auto owner = reserved_by(name); !owner.empty())
    throw model_error(place,
                      fmt::format("the collection name {} is reserved for {}", json_quoted(name),
                                  owner.starts_with("treering") || owner == "_db_version" ? "Treering" : "MongoDB"),
                      "choose another __collection_name__");
}

}  // namespace treering
