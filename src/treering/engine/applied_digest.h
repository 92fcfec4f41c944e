// SPDX-License-Identifier: Apache-2.0
// A fingerprint of a set of revision ids that is kept up to date with one addition per change, whatever the size of the
// set. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace treering {

// The sum, in two 64-bit lanes, of XXH3-128 of each id: the order of the ids doesn't matter, and an id is taken out as
// easily as it is put in. It tells sets apart that differ by accident; it is no defence against somebody who makes ids
// collide on purpose.
class AppliedDigest {
 public:
  AppliedDigest() = default;
  // From text(); anything else gives a digest that equals none that was computed.
  explicit AppliedDigest(std::string_view text);

  void add(std::string_view id);
  void remove(std::string_view id);

  std::string text() const;  // 32 hex digits
  friend bool operator==(const AppliedDigest&, const AppliedDigest&) = default;

 private:
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
  bool valid_ = true;
};

// XXH3-128 of a file's text, "xxh3:" and 32 hex digits.
std::string checksum_of(std::string_view text);

}  // namespace treering
