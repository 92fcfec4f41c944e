// SPDX-License-Identifier: Apache-2.0
// Reading BSON from its bytes, without trusting them.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace treering::python {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kSmallestDocument = 5;  // length and the closing zero

// What is left of a document. Borrows the bytes. Each call takes from the front, and gives nothing where there isn't
// enough.
class Input {
 public:
  explicit Input(Bytes bytes) : left_(bytes) {}

  bool empty() const { return left_.empty(); }
  Bytes left() const { return left_; }

  const std::uint8_t* take(std::size_t count) {
    if (left_.size() < count) return nullptr;
    const std::uint8_t* taken = left_.data();
    left_ = left_.subspan(count);
    return taken;
  }

  template <class Number>
  std::optional<Number> number() {
    const std::uint8_t* bytes = take(sizeof(Number));
    if (bytes == nullptr) return std::nullopt;
    Number value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  }

  std::optional<std::string_view> zero_ended() {
    const void* zero = left_.empty() ? nullptr : std::memchr(left_.data(), 0, left_.size());
    if (zero == nullptr) return std::nullopt;
    const auto size = static_cast<std::size_t>(static_cast<const std::uint8_t*>(zero) - left_.data());
    return std::string_view(reinterpret_cast<const char*>(take(size + 1)), size);
  }

  // Behind its length.
  std::optional<std::string_view> string() {
    const auto size = number<std::uint32_t>();
    if (!size || *size == 0) return std::nullopt;
    const std::uint8_t* bytes = take(*size);
    if (bytes == nullptr || bytes[*size - 1] != 0) return std::nullopt;
    return std::string_view(reinterpret_cast<const char*>(bytes), *size - 1);
  }

  // A document or an array, with its length and its closing zero.
  std::optional<Bytes> document() {
    std::uint32_t size = 0;
    if (left_.size() < kSmallestDocument) return std::nullopt;
    std::memcpy(&size, left_.data(), sizeof size);
    const std::uint8_t* bytes = size < kSmallestDocument ? nullptr : take(size);
    if (bytes == nullptr) return std::nullopt;
    return Bytes(bytes, size);
  }

 private:
  Bytes left_;
};

// What stands between the length and the closing zero; nothing where there is no closing zero.
inline std::optional<Input> inside(Bytes document) {
  if (document.size() < kSmallestDocument || document.back() != 0) return std::nullopt;
  return Input(document.subspan(sizeof(std::uint32_t), document.size() - kSmallestDocument));
}

}  // namespace treering::python
