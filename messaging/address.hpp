// Where a message goes: 16 bytes that name a receiver, whether it still lives
// or not.
//
// Thread rule: any thread; a value.
#pragma once

#include "../runtime/core/export.hpp"
#include "../runtime/core/per_hub.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace greenroom {

/// No address is given out twice: a slot that is used again has another
/// generation.
class Address {
 public:
  /// Leaves it unset: for a member that is filled later or never.
  struct Unset {};

  /// Nobody.
  constexpr Address() noexcept : place_(0), generation_(0) {}
  /// Has no value until it is assigned one.
  explicit Address(Unset /*tag*/) noexcept {}  // NOLINT: as it says
  /// Of its parts. `generation` comes with its mark, if it has one.
  constexpr Address(std::uint32_t slot, HubId hub, std::uint16_t node,
                    std::uint64_t generation) noexcept
      : place_(std::uint64_t{node} << 48U | std::uint64_t{hub} << 32U | slot),
        generation_(generation) {}

  /// Replies have a table of their own: the slot for its entry `index`.
  [[nodiscard]] static constexpr std::uint32_t reply_slot(
      std::uint32_t index) noexcept {
    return index | kReplyBit;
  }
  /// What to mark the generations of a recipient with: see wants_receipt().
  [[nodiscard]] static constexpr std::uint64_t receipt_mark(
      bool wants_receipt) noexcept {
    return wants_receipt ? kReceiptBit : 0;
  }

  /// With its mark: see reply_slot().
  [[nodiscard]] constexpr std::uint32_t slot() const noexcept {
    return static_cast<std::uint32_t>(place_);
  }
  /// The number of the hub where the receiver lives.
  [[nodiscard]] constexpr HubId hub() const noexcept {
    return static_cast<HubId>(place_ >> 32U);
  }
  /// 0: this process.
  [[nodiscard]] constexpr std::uint16_t node() const noexcept {
    return static_cast<std::uint16_t>(place_ >> 48U);
  }
  /// With its mark; 0: nobody.
  [[nodiscard]] constexpr std::uint64_t generation() const noexcept {
    return generation_;
  }
  /// Node and hub in one number: equal for all addresses of one hub.
  [[nodiscard]] constexpr std::uint32_t route() const noexcept {
    return static_cast<std::uint32_t>(place_ >> 32U);
  }

  /// True: it was never given to anybody.
  [[nodiscard]] constexpr bool is_nobody() const noexcept {
    return generation_ == 0;
  }
  /// Of a reply, else of a recipient.
  [[nodiscard]] constexpr bool is_reply() const noexcept {
    return (slot() & kReplyBit) != 0;
  }
  /// The recipient's inbox is bounded, and a sender on another hub waits for a
  /// receipt: its message is in, or was refused.
  [[nodiscard]] constexpr bool wants_receipt() const noexcept {
    return (generation_ & kReceiptBit) != 0;
  }
  /// The slot without its mark: the entry in its table.
  [[nodiscard]] constexpr std::uint32_t index() const noexcept {
    return slot() & ~kReplyBit;
  }
  /// The generation without its mark: what reports print.
  [[nodiscard]] constexpr std::uint64_t bare_generation() const noexcept {
    return generation_ & ~kReceiptBit;
  }

  friend constexpr auto operator<=>(const Address&, const Address&) = default;

 private:
  // The marks, of the slot and of the generation.
  static constexpr std::uint32_t kReplyBit = 1U << 31U;
  static constexpr std::uint64_t kReceiptBit = std::uint64_t{1} << 63U;

  std::uint64_t place_;  // node, hub, slot
  std::uint64_t generation_;
};

/// "hub0/7.1": hub, slot, generation.
[[nodiscard]] GREENROOM_API std::string to_string(const Address& address);

}  // namespace greenroom

template <>
struct std::hash<greenroom::Address> {
  std::size_t operator()(const greenroom::Address& a) const noexcept {
    const std::uint64_t place = std::uint64_t{a.route()} << 32U | a.slot();
    return std::hash<std::uint64_t>()(place * 0x9e3779b97f4a7c15ULL ^
                                      a.generation());
  }
};
