// Where a message goes: 16 bytes that name a receiver, whether it still lives
// or not.
//
// Thread rule: any thread; a value.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "greenroom/runtime/per_hub.hpp"

namespace greenroom {

/// An address is never given out twice: a slot is used again, with another
/// generation.
struct Address {
  std::uint32_t slot = 0;  // with kReplyBit: of a reply, else of a recipient
  HubId hub = 0;
  std::uint16_t node = 0;  // 0: this process
  std::uint64_t generation = 0;  // 0: nobody

  static constexpr std::uint32_t kReplyBit = 1U << 31U;
  /// In the generation: the recipient's inbox is bounded, and a sender on
  /// another hub has to wait for its answer.
  static constexpr std::uint64_t kReceiptBit = std::uint64_t{1} << 63U;

  [[nodiscard]] bool is_nobody() const noexcept { return generation == 0; }
  [[nodiscard]] bool is_reply() const noexcept {
    return (slot & kReplyBit) != 0;
  }
  [[nodiscard]] bool wants_receipt() const noexcept {
    return (generation & kReceiptBit) != 0;
  }

  friend auto operator<=>(const Address&, const Address&) = default;
};

/// "hub0/7.1": hub, slot, generation.
[[nodiscard]] std::string to_string(const Address& address);

}  // namespace greenroom

template <>
struct std::hash<greenroom::Address> {
  std::size_t operator()(const greenroom::Address& a) const noexcept {
    const std::uint64_t place = (std::uint64_t{a.node} << 48U) |
                                (std::uint64_t{a.hub} << 32U) | a.slot;
    return std::hash<std::uint64_t>()(place * 0x9e3779b97f4a7c15ULL ^
                                      a.generation);
  }
};
