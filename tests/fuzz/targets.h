// SPDX-License-Identifier: Apache-2.0
// What is fuzzed: each target reads bytes that anybody may have written, and holds what was read to its laws. One
// program each under the preset `fuzz` (entry.cc); in every other build their corpora and finds are tests
// (replay_test.cc).
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include "treering/base/error.h"

namespace treering::fuzz {

// Each returns where the input was taken, or refused by an Error as its reader promises. Anything else that it throws,
// BrokenLaw included, is a find.
void header(std::string_view input);       // a revision file
void target(std::string_view input);       // what a person writes for a revision or a range
void json(std::string_view input);         // Extended JSON
void bson(std::string_view input);         // the bytes of a document
void config(std::string_view input);       // treering.toml
void bookkeeping(std::string_view input);  // documents of our collections, as Extended JSON
void snapshot(std::string_view input);     // migrations/snapshots/<id>.json

struct NamedTarget {
  std::string_view name;
  void (*run)(std::string_view input);
};
inline constexpr std::array<NamedTarget, 7> kTargets{{{"header", header},
                                                      {"target", target},
                                                      {"json", json},
                                                      {"bson", bson},
                                                      {"config", config},
                                                      {"bookkeeping", bookkeeping},
                                                      {"snapshot", snapshot}}};

struct BrokenLaw : std::logic_error {
  using std::logic_error::logic_error;
};

inline void require(bool holds, const char* law) {
  if (!holds) throw BrokenLaw(law);
}

// Whether the call was refused, by an error of that kind and with a sentence.
template <class Call>
bool is_refused(Kind kind, Call call) {
  try {
    call();
    return false;
  } catch (const Error& error) {
    require(error.kind() == kind, "what is refused is refused by an error of its own kind");
    require(!std::string_view(error.what()).empty(), "an error says what is wrong");
    return true;
  }
}

}  // namespace treering::fuzz
