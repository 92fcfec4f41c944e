// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/applied_digest.h"

#include <fmt/format.h>
#define XXH_INLINE_ALL  // no shared library to load at every start for two calls
#include <xxhash.h>

#include <charconv>

namespace treering {
namespace {

bool read_hex(std::string_view text, std::uint64_t& value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

AppliedDigest::AppliedDigest(std::string_view text) {
  valid_ = text.size() == 32 && read_hex(text.substr(0, 16), high_) && read_hex(text.substr(16), low_);
}

void AppliedDigest::add(std::string_view id) {
  XXH128_hash_t hash = XXH3_128bits(id.data(), id.size());
  low_ += hash.low64;
  high_ += hash.high64;
}

void AppliedDigest::remove(std::string_view id) {
  XXH128_hash_t hash = XXH3_128bits(id.data(), id.size());
  low_ -= hash.low64;
  high_ -= hash.high64;
}

std::string AppliedDigest::text() const { return fmt::format("{:016x}{:016x}", high_, low_); }

std::string checksum_of(std::string_view text) {
  XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("xxh3:{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace treering
